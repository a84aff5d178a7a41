import type { Scale } from './scale.ts';
import { beyondSlot, leftOutSlot, slotsOf } from './set-lines.ts';
import { lossAt, lossUnit } from './set-loss.ts';

/**
 * Exact counts of sets: of each batch or group its samples by region, and the sums of their losses in whole units. Sums
 * of two are exact, in any order.
 */
export interface SetCounts {
  /** M. */
  readonly bins: number;
  readonly scale: Scale;
  readonly sets: number;
  /** [sets][slots] samples; integers below 2^53. */
  readonly samples: Float64Array;
  /** [sets][slots] sums of losses, each in the unit of its region. */
  readonly losses: BigUint64Array;
}

/** One set. */
export interface SetRow {
  /** [M] R_j. */
  readonly counts: number[];
  readonly total: number;
  readonly ignored: number;
  /** [M] sum of the losses of the region's samples; `null` where one is too large to be summed, or not known. */
  readonly losses: number[] | null;
}

/** Sums of losses below 2^31 units stay below 2^64 up to this many. */
const MOST_SUMMED = 2 ** 33;

/** No sets yet, or sets of zeros. */
export function emptySetCounts({ bins, scale }: Pick<SetCounts, 'bins' | 'scale'>, sets: number): SetCounts {
  const length = sets * slotsOf(bins);
  return { bins, scale, sets, samples: new Float64Array(length), losses: new BigUint64Array(length) };
}

/** Counts of set number `set`. */
export function setRow({ bins, scale, samples, losses }: SetCounts, set: number): SetRow {
  const from = set * slotsOf(bins);
  const counts = Array.from(samples.subarray(from, from + bins));
  const beyond = samples[from + beyondSlot(bins)];
  const summed = lossAt(scale) !== null && beyond === 0 && counts.every((count) => count <= MOST_SUMMED);
  counts[bins - 1] += beyond;
  return {
    counts,
    total: counts.reduce((sum, count) => sum + count, 0),
    ignored: samples[from + leftOutSlot(bins)],
    losses: summed ? counts.map((_, region) => Number(losses[from + region]) * lossUnit(scale, region, bins)) : null,
  };
}

/** Adds the counts of set `from` of `counts` to set `to` of `sum`. */
export function addSet(sum: SetCounts, to: number, counts: SetCounts, from: number): void {
  const slots = slotsOf(sum.bins);
  for (let slot = 0; slot < slots; slot++) {
    sum.samples[to * slots + slot] += counts.samples[from * slots + slot];
    sum.losses[to * slots + slot] += counts.losses[from * slots + slot];
  }
}
