import { meanOver } from './bounded-sum.ts';
import { bitsOfCell, valueRange } from './cell-values.ts';
import { CELLS, NEGATIVE, POSITIVE } from './cells.ts';
import type { Partition } from './partition.ts';
import { Regions } from './regions.ts';
import { coordinateOf } from './scale.ts';
import { LARGEST_LOSS, lossAt, lossUnit } from './set-loss.ts';

/**
 * What the kernels that count sets (batches, groups) look up, as workers/kernels/sets.ts describes it: the slot of each
 * piece and the loss of a sample there. One function in here, `writeEntry`, knows how a sample becomes a region and a loss.
 */
export interface SetEntries {
  /** u64 [3][CELLS] as pairs of u32, low half first. */
  readonly cells: Uint32Array;
  /** u64 [2][thresholds], likewise. */
  readonly pieces: Uint32Array;
}

/** Slots of a set: M regions, then the two below. */
export const slotsOf = (bins: number): number => bins + 2;
/** Samples of the last region whose loss is `LARGEST_LOSS` or more: counted, but not summed. */
export const beyondSlot = (bins: number): number => bins;
/** Samples left out. */
export const leftOutSlot = (bins: number): number => bins + 1;

const CUT = 0x8000_0000;

/** Low half of a float32. */
const LOW = 0xffff;
const LARGEST_SLOPE = 2 ** 15 - 1;

/** What a sample adds to the losses of its slot: base + floor(slope x low / 16). */
interface Line {
  readonly base: number;
  readonly slope: number;
}
const FLAT: Line = { base: 0, slope: 0 };

/**
 * The line through the losses of a piece: with their mean and, where it stays from 0 to below 2^31, their rise.
 *
 * @param mean in units of the slot, as is `rise` from one end to the other
 * @param first low half of the lowest bits, `last` of the highest; equal for a float16
 */
function lineOf(mean: number, rise: number, first: number, last: number): Line {
  const steep = last > first && Number.isFinite(rise) ? Math.round((16 * rise) / (last - first)) : 0;
  const slope = Math.max(-LARGEST_SLOPE, Math.min(steep, LARGEST_SLOPE));
  const base = Math.round(mean - (slope * (first + last)) / 32);
  const ends = [first, last].map((low) => base + Math.floor((slope * low) / 16));
  const fits = base >= 0 && ends.every((end) => end >= 0 && end < 2 ** 31);
  return fits ? { base, slope } : { base: Math.min(Math.round(mean), 2 ** 31 - 1), slope: 0 };
}

/** The entries of all pieces of a partition. */
export function setEntries(partition: Partition): SetEntries {
  const { kind, scale, bins, thresholds, firstThreshold } = partition;
  const regions = new Regions(bins, scale);
  const lossOf = lossAt(scale);
  const units = Float64Array.from({ length: bins }, (_, region) => lossUnit(scale, region, bins));
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
    const [first, last] = valueRange(kind, firstBits, lastBits).map((x) => coordinateOf(label, x));
    to[2 * at + 1] = leftOutSlot(bins) + mark;
    if (Number.isNaN(first)) return;
    const region = regions.of(first);
    const unitsAt = (z: number): number => (lossOf ? lossOf(z) / units[region] : 0);
    const mean = meanOver(unitsAt, first, last);
    const beyond = !(mean * units[region] < LARGEST_LOSS);
    const rise = unitsAt(last) - unitsAt(first);
    const { base, slope } = beyond ? FLAT : lineOf(mean, rise, firstBits & LOW, lastBits & LOW);
    to[2 * at] = base;
    to[2 * at + 1] = (beyond ? beyondSlot(bins) : region) + ((slope << 16) >>> 1) + mark;
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
