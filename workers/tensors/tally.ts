import { CELLS } from '../../src/density/cells.ts';
import { NORM_CELLS } from '../../src/density/soft-losses.ts';
import { softLossWords } from '../../src/memory/layout.ts';
import type { LoadedChunk } from '../chunk.ts';
import type { WorkerState } from '../worker-state.ts';

const IGNORED = 2;
const UNITS = 2 ** 32;
/** Losses from here on are counted, not added. */
const INFINITE = 2 ** 31;

/** Threshold of the partition that begins the piece of a float32 in its cell; -1 where the piece begins with the cell. */
function pieceOf(first: Uint32Array, thresholds: Uint32Array, bits: number): number {
  const cell = bits >>> 16;
  let piece = -1;
  for (let t = first[cell]; t < first[cell + 1] && thresholds[t] <= bits; t++) piece = t;
  return piece;
}

const viewsOf = ({ memory, layout }: WorkerState) => ({
  first: new Uint32Array(memory.buffer, layout.first, CELLS + 1),
  thresholds: new Uint32Array(memory.buffer, layout.thresholdBits, layout.thresholds),
});

/** Adds the samples of a chunk to the first copy of the scratch tables, in JavaScript: no backend adds up beyond 2^24. */
export function tallyCells(state: WorkerState, { logits, samples }: LoadedChunk): void {
  const { memory, arena, layout, kind } = state;
  const codes = new Uint8Array(memory.buffer, arena.codes, samples);
  const cells = new Uint32Array(memory.buffer, arena.scratchCells, 3 * CELLS);
  if (kind === 'float16') {
    const halves = new Uint16Array(memory.buffer, logits, samples);
    for (let i = 0; i < samples; i++) cells[codes[i] * CELLS + halves[i]]++;
    return;
  }
  const { first, thresholds } = viewsOf(state);
  const bits = new Uint32Array(memory.buffer, logits, samples);
  const splits = new Uint32Array(memory.buffer, arena.scratchSplits, 2 * layout.thresholds);
  for (let i = 0; i < samples; i++) {
    const cell = bits[i] >>> 16;
    cells[codes[i] * CELLS + cell]++;
    if (codes[i] === IGNORED || first[cell] === first[cell + 1]) continue;
    const piece = pieceOf(first, thresholds, bits[i]);
    if (piece >= 0) splits[codes[i] * layout.thresholds + piece]++;
  }
}

/** Adds the losses of a chunk of soft targets to the scratch sums, by the piece of their norm; see soft-losses.ts. */
export function tallyLosses(state: WorkerState, { logits, samples, softTargets }: LoadedChunk): void {
  if (softTargets === undefined) return;
  const { memory, arena, layout } = state;
  const { first, thresholds } = viewsOf(state);
  const codes = new Uint8Array(memory.buffer, arena.codes, samples);
  const bits = new Uint32Array(memory.buffer, logits, samples);
  const targets = new Float32Array(memory.buffer, softTargets.target, samples);
  const losses = new Float32Array(memory.buffer, softTargets.loss, samples);
  const words = softLossWords(layout.thresholds);
  const sums = new Float64Array(words);
  for (let i = 0; i < samples; i++) {
    if (codes[i] === IGNORED || Number.isNaN(losses[i])) continue;
    if (losses[i] >= INFINITE) {
      sums[words - 2]++;
      continue;
    }
    const piece = pieceOf(first, thresholds, bits[i]);
    const entry = 4 * (piece < 0 ? bits[i] >>> 16 : NORM_CELLS + piece);
    addUnits(sums, entry, losses[i]);
    addUnits(sums, entry + 2, targets[i] * losses[i]);
  }
  const totals = new BigUint64Array(memory.buffer, arena.scratchLosses, words);
  for (let i = 0; i < words; i++) if (sums[i] > 0) totals[i] += BigInt(sums[i]);
}

/** Fractions at `at`, in units of 2^-32, whole ones behind. */
function addUnits(sums: Float64Array, at: number, loss: number): void {
  const whole = Math.floor(loss);
  sums[at] += Math.round((loss - whole) * UNITS);
  sums[at + 1] += whole;
}
