import { fineGrid } from '../src/density/fine-cells.ts';
import { fineEntries } from '../src/memory/layout.ts';
import type { LoadedChunk } from './chunk.ts';
import type { WorkerState } from './worker-state.ts';

/** Counts a chunk, still in the cache, by fine cells too, where pass 1 counts any. */
export function countFineCells(state: WorkerState, { logits, samples, rows, width, targets }: LoadedChunk): void {
  const { kernels: k, arena, layout, scale } = state;
  if (layout.window.counted === 0) return;
  const { bits, lowest, cells, stride } = fineGrid(layout.window.counted, scale);
  const counted = [arena.scratchFine, 32 - bits, lowest, cells, stride] as const;
  if (targets.kind === 'codes') {
    k.countFine(logits, targets.at, samples, ...counted);
  } else {
    k.countFineNegatives(logits, samples, ...counted);
    k.moveRowsFine(logits, targets.at, rows, width, ...counted);
  }
}

/** Adds the fine cells of a finished shard to the worker's totals. */
export function commitFineCells({ kernels, arena, layout }: WorkerState): void {
  kernels.commitSplits(arena.scratchFine, arena.totalFine, fineEntries(layout.window.counted));
}

/** Forgets the fine cells of a shard that failed. */
export function clearFineCells({ memory, arena, layout }: WorkerState): void {
  new Uint32Array(memory.buffer, arena.scratchFine, fineEntries(layout.window.counted)).fill(0);
}

/** Weighs a chunk by z. */
export function weighChunkByWindow(state: WorkerState, { logits, samples, rows, width, targets }: LoadedChunk): void {
  const { kernels: k, arena, layout } = state;
  const { weighed, pieces } = layout.window;
  const tables = [layout.windowWeights, 32 - weighed, layout.piecePlaces, layout.pieceWeights, pieces] as const;
  if (targets.kind === 'codes') {
    k.weighWindow(logits, targets.at, samples, ...tables, arena.groups, arena.out);
  } else {
    k.weighWindowNegatives(logits, samples, ...tables, arena.groups, arena.out);
    k.reweighRowsWindow(logits, targets.at, rows, width, ...tables, arena.out);
  }
}
