import type { LoadedChunk } from './chunk.ts';
import type { OpenPart, RowRange } from './read-arrays.ts';
import type { WorkerState } from './worker-state.ts';

/** The arithmetic of a worker: what it does with the samples of a chunk. */
export interface ChunkPasses {
  /** Reads rows of a part into the worker's arena, with what is counted where logits are. */
  load(state: WorkerState, open: OpenPart, range: RowRange): LoadedChunk;
  /** Counts a chunk, as loaded last, into the scratch tables. */
  count(state: WorkerState, chunk: LoadedChunk): void;
  /** Puts the weights of a chunk, as loaded last, into the arena: a word a sample, whatever the output's dtype. */
  weigh(state: WorkerState, chunk: LoadedChunk): void;
}
