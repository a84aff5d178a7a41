import type { Grid } from '../../density/cells.ts';
import { emptySetCounts, type SetCounts } from '../../density/set-counts.ts';
import type { SetEntries } from '../../density/set-entries.ts';
import { leftOutSlot, slotsOf } from '../../density/set-lines.ts';
import type { Layout } from '../../memory/layout.ts';
import { u32At } from '../../memory/shared-memory.ts';
import type { SetWeights } from '../engine.ts';

/** Puts what the kernels of sets look up into the memory. */
export function writeSetEntries(memory: WebAssembly.Memory, { setEntries }: Layout, entries: SetEntries): void {
  const words = u32At(memory, setEntries, entries.cells.length + entries.pieces.length);
  words.set(entries.cells);
  words.set(entries.pieces, entries.cells.length);
}

/** The totals of all sets. Samples are below 2^53: no more rows could have been read. */
export function readSetCounts(memory: WebAssembly.Memory, { setSpace, setTable }: Layout, grid: Grid): SetCounts {
  const counts = emptySetCounts(grid, setSpace.sets);
  const counters = new BigUint64Array(memory.buffer, setTable, 2 * counts.samples.length);
  for (let i = 0; i < counts.samples.length; i++) {
    counts.losses[i] = counters[2 * i];
    counts.samples[i] = Number(counters[2 * i + 1]);
  }
  return counts;
}

/** Forgets the totals of all sets. */
export function forgetSetCounts(memory: WebAssembly.Memory, { setSpace, setTable }: Layout): void {
  new BigUint64Array(memory.buffer, setTable, 2 * setSpace.sets * setSpace.slots).fill(0n);
}

/** Puts the weights of all sets where the totals were. */
export function writeSetWeights(
  memory: WebAssembly.Memory,
  { setSpace, setTable }: Layout,
  { setBeta: beta, bitsOf }: SetWeights,
): void {
  const words = u32At(memory, setTable, setSpace.sets * setSpace.slots);
  for (const [set, weights] of beta.entries()) {
    const bins = weights.length;
    const from = set * slotsOf(bins);
    for (const [region, weight] of weights.entries()) words[from + region] = bitsOf(weight);
    // samples whose loss is not summed are of the last region
    words[from + bins] = bitsOf(weights[bins - 1]);
    words[from + leftOutSlot(bins)] = 0;
  }
}
