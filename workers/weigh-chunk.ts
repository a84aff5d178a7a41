import type { LoadedChunk } from './chunk.ts';
import { weighChunkByWindow } from './window-chunk.ts';
import type { WorkerState } from './worker-state.ts';

/** Puts the weights of a chunk into the arena, by the kernels. */
export function weighChunk(state: WorkerState, chunk: LoadedChunk): void {
  const { kernels: k, arena: a, layout: l } = state;
  const { logits, samples, rows, width, targets } = chunk;
  const pieces = [l.beta, l.betaSplits, l.first, l.thresholdBits, l.thresholds] as const;
  if (l.window.weighed > 0) {
    weighChunkByWindow(state, chunk);
  } else if (state.kind === 'float16') {
    if (targets.kind === 'codes') {
      k.weighFloat16(logits, targets.at, samples, l.beta, a.out);
    } else {
      k.weighFloat16Negatives(logits, samples, l.beta, a.out);
      k.reweighRowsFloat16(logits, targets.at, rows, width, l.beta, a.out);
    }
  } else if (targets.kind === 'codes') {
    k.weighFloat32(logits, targets.at, samples, ...pieces, a.groups, a.out);
  } else {
    k.weighFloat32Negatives(logits, samples, ...pieces, a.groups, a.out);
    k.reweighRowsFloat32(logits, targets.at, rows, width, ...pieces, a.out);
  }
}
