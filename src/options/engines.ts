/**
 * What computes the two passes of a run: the kernels on worker threads of this machine, the default; or TensorFlow.js, by its
 * native library where that loads (`tfjs`) or by nothing else (`tfjs-node`).
 */
export const ENGINES = ['threads', 'tfjs', 'tfjs-node'] as const;
/** Those that compute with tensors. */
export const TENSOR_ENGINES = ['tfjs', 'tfjs-node'] as const satisfies readonly EngineName[];
export type TensorEngineName = (typeof TENSOR_ENGINES)[number];
export type EngineName = (typeof ENGINES)[number];

/** The engine of `reweight` alone that has its shards done by the workers of a BullMQ queue. */
export const BULLMQ = 'bullmq';
