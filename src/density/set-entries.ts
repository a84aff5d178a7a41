import { bitsOfCell } from './cell-values.ts';
import { CELLS, NEGATIVE, POSITIVE } from './cells.ts';
import type { Partition } from './partition.ts';
import { leftOutSlot, SetLines } from './set-lines.ts';

/**
 * What the kernels that count sets (batches, groups) look up, as workers/kernels/sets.ts describes it: the slot of each
 * piece and the loss of a sample there.
 */
export interface SetEntries {
  /** u64 [3][CELLS] as pairs of u32, low half first. */
  readonly cells: Uint32Array;
  /** u64 [2][thresholds], likewise. */
  readonly pieces: Uint32Array;
}

const CUT = 0x8000_0000;

/** The entries of all pieces of a partition. */
export function setEntries(partition: Partition): SetEntries {
  const { kind, bins, thresholds, firstThreshold } = partition;
  const lines = new SetLines(partition);
  const cells = new Uint32Array(2 * 3 * CELLS);
  const pieces = new Uint32Array(2 * 2 * thresholds.length);

  /** Writes what a sample of the piece [firstBits, lastBits] adds. */
  const writeEntry = (
    to: Uint32Array,
    at: number,
    label: typeof NEGATIVE | typeof POSITIVE,
    firstBits: number,
    lastBits: number,
    mark: number,
  ) => {
    const { slot, base, slope } = lines.of({ label, firstBits, lastBits });
    to[2 * at] = base;
    to[2 * at + 1] = slot + ((slope << 16) >>> 1) + mark;
  };

  for (const label of [NEGATIVE, POSITIVE] as const) {
    for (let cell = 0; cell < CELLS; cell++) {
      const [lowest, highest] = bitsOfCell(kind, cell);
      const from = firstThreshold[cell];
      const to = firstThreshold[cell + 1];
      writeEntry(
        cells,
        label * CELLS + cell,
        label,
        lowest,
        from < to ? thresholds[from] - 1 : highest,
        from < to ? CUT : 0,
      );
      for (let t = from; t < to; t++) {
        const last = t + 1 < to ? thresholds[t + 1] - 1 : highest;
        writeEntry(pieces, label * thresholds.length + t, label, thresholds[t], last, 0);
      }
    }
  }
  for (let cell = 2 * CELLS; cell < 3 * CELLS; cell++) cells[2 * cell + 1] = leftOutSlot(bins);
  return { cells, pieces };
}
