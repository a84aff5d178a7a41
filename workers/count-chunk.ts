import { softLossWords } from '../src/memory/layout.ts';
import type { LoadedChunk } from './chunk.ts';
import type { WorkerState } from './worker-state.ts';

/** Counts a chunk into the scratch tables, by the kernels. */
export function countChunk(state: WorkerState, chunk: LoadedChunk): void {
  const { kernels: k, arena: a, layout: l } = state;
  const { logits, samples, rows, width, targets } = chunk;
  const cells = a.scratchCells;
  const pieces = [a.scratchSplits, l.first, l.thresholdBits, l.thresholds] as const;
  if (state.kind === 'float16') {
    if (targets.kind === 'codes') {
      k.countFloat16(logits, targets.at, samples, cells);
    } else {
      k.countFloat16Negatives(logits, samples, cells);
      k.moveRowsFloat16(logits, targets.at, rows, width, cells);
    }
  } else if (targets.kind === 'codes') {
    k.countFloat32(logits, targets.at, samples, cells, ...pieces, a.groups);
    sumLosses(state, chunk);
  } else {
    k.countFloat32Negatives(logits, samples, cells, ...pieces, a.groups);
    k.moveRowsFloat32(logits, targets.at, rows, width, cells, ...pieces);
  }
}

/** Adds up the losses of a chunk of soft targets, as loadSoft leaves it. */
function sumLosses({ kernels, arena, layout }: WorkerState, { samples, softTargets }: LoadedChunk): void {
  if (softTargets === undefined) return;
  const { logits, codes, scratchLosses } = arena;
  const { target, loss } = softTargets;
  const infinite = scratchLosses + 8 * (softLossWords(layout.thresholds) - 2);
  const { first, thresholdBits } = layout;
  kernels.sumSoftLosses(logits, target, loss, codes, samples, first, thresholdBits, scratchLosses, infinite);
}
