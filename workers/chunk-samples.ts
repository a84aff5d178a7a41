import type { Chunk } from './chunk.ts';
import type { Address } from './kernel-interface.ts';
import type { WorkerState } from './worker-state.ts';

/** The samples of a chunk one by one. */
export interface ChunkSamples {
  /** f32 [samples]: what is counted. */
  readonly values: Address;
  /** u8 [samples]: 0 negative, 1 positive, 2 ignored. */
  readonly codes: Address;
}

/** Codes one a sample, also where there is one class a row. */
export function codesOf({ kernels, arena }: WorkerState, { targets, rows, width }: Chunk): Address {
  if (targets.kind === 'codes') return targets.at;
  kernels.classCodes(targets.at, rows, width, arena.codes);
  return arena.codes;
}

/** Float32 values and codes. float16 ones are widened to where weights would be. */
export function samplesOfChunk(state: WorkerState, chunk: Chunk): ChunkSamples {
  const codes = codesOf(state, chunk);
  if (state.kind === 'float32') return { values: chunk.logits, codes };
  state.kernels.widenFloat16(chunk.logits, chunk.samples, state.arena.out);
  return { values: state.arena.out, codes };
}

export function chunkHasNaN({ kernels, kind }: WorkerState, { logits, samples }: Chunk): boolean {
  return (kind === 'float16' ? kernels.hasNaNFloat16(logits, samples) : kernels.hasNaNFloat32(logits, samples)) !== 0;
}
