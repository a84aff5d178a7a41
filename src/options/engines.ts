/**
 * What computes the two passes of a run: the kernels on worker threads of this machine, the default; or TensorFlow.js, by its
 * native library where that loads (`tfjs`) or by nothing else (`tfjs-node`).
 */
export const ENGINES = ['threads', 'tfjs', 'tfjs-node'] as const;
export type EngineName = (typeof ENGINES)[number];
