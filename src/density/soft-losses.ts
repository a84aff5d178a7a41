import { BoundedSum, meanOver } from './bounded-sum.ts';
import { valueRange } from './cell-values.ts';
import type { CellCounts } from './cells.ts';
import type { FocalConstants, LossFields } from './loss.ts';
import type { Partition } from './partition.ts';
import { piecesOf } from './pieces.ts';
import type { Regions } from './regions.ts';

/** Cells of numbers from 0 to 1. */
export const NORM_CELLS = 0x3f81;
const UNIT = 2 ** -32;
/** What the kernel's arithmetic is wrong by at most: of g absolutely, of a loss relatively; see workers/kernels/soft.ts. */
const NORM_ERROR = 2 ** -22;
const LOSS_ERROR = 2 ** -20;

/** Sums of many losses: `whole + rest 2^-32` each, both whole numbers, rest below 2^32. Exact in any order. */
export interface UnitSums {
  readonly whole: Float64Array;
  readonly rest: Float64Array;
}

/**
 * Losses of soft targets, which are no function of g, added up sample by sample by the piece of their g: entry `cell`, or
 * NORM_CELLS + t for the piece that begins at threshold t. [NORM_CELLS + thresholds] each.
 */
export interface SoftLosses {
  /** Cross-entropy. */
  readonly ce: UnitSums;
  /** Target times cross-entropy, for the focal loss of any alpha. */
  readonly targetCe: UnitSums;
  /** Samples whose loss is 2^31 or more. */
  readonly infinite: number;
}

/** Empty sums for `count` thresholds. */
export function noSoftLosses(count: number): SoftLosses {
  const none = (): UnitSums => ({
    whole: new Float64Array(NORM_CELLS + count),
    rest: new Float64Array(NORM_CELLS + count),
  });
  return { ce: none(), targetCe: none(), infinite: 0 };
}

/** Exact sum, in any order. */
export function addSoftLosses(all: readonly SoftLosses[]): SoftLosses {
  const sum = (pick: (losses: SoftLosses) => UnitSums): UnitSums => {
    const result = { whole: pick(all[0]).whole.slice(), rest: pick(all[0]).rest.slice() };
    for (const losses of all.slice(1)) {
      const { whole, rest } = pick(losses);
      for (let i = 0; i < whole.length; i++) setUnits(result, i, result.whole[i] + whole[i], result.rest[i] + rest[i]);
    }
    return result;
  };
  return {
    ce: sum((losses) => losses.ce),
    targetCe: sum((losses) => losses.targetCe),
    infinite: all.reduce((total, { infinite }) => total + infinite, 0),
  };
}

/** Puts `whole + rest 2^-32` into entry i; rest is below 2^53. */
export function setUnits(sums: UnitSums, i: number, whole: number, rest: number): void {
  const carry = Math.floor(rest * UNIT);
  sums.whole[i] = whole + carry;
  sums.rest[i] = rest - carry / UNIT;
}

/** Entry of the piece that begins at `bits`; -1 where none does. */
export function entryOfPiece({ thresholds, firstThreshold }: Partition, bits: number): number {
  const cell = bits >>> 16;
  if ((bits & 0xffff) === 0) return cell;
  for (let t = firstThreshold[cell]; t < firstThreshold[cell + 1]; t++)
    if (thresholds[t] === bits) return NORM_CELLS + t;
  return -1;
}

/**
 * Mean losses of soft targets: the cross-entropy itself, its sums by piece times beta, and times
 * (alpha t + (1 - alpha)(1 - t)) g^gamma, the focal loss with a target between its labels. Bounds hold the kernel's
 * rounding, and for the focal loss the width of the cells.
 */
export function softMeanLosses(
  counts: CellCounts,
  losses: SoftLosses,
  partition: Partition,
  regions: Regions,
  beta: readonly number[],
  { gamma, alpha }: FocalConstants,
): LossFields {
  const sums = { ce: new BoundedSum(), focal: new BoundedSum(), ghmc: new BoundedSum() };
  // an error of g moves g^gamma by at most this
  const powerError = gamma >= 1 ? gamma * NORM_ERROR : NORM_ERROR ** gamma;
  let total = 0;
  for (const { firstBits, lastBits, count } of piecesOf(counts, partition)) {
    const entry = entryOfPiece(partition, firstBits);
    const sumOf = ({ whole, rest }: UnitSums) => whole[entry] + rest[entry] * UNIT;
    const ce = sumOf(losses.ce);
    const rounding = ce * LOSS_ERROR + count * UNIT;
    sums.ce.add(1, ce, ce - rounding, ce + rounding);

    const [low, high] = valueRange(counts.kind, firstBits, lastBits);
    const own = beta.slice(regions.of(low), regions.of(high) + 1);
    const middle = beta[regions.of(Math.fround((low + high) / 2))];
    sums.ghmc.add(1, ce * middle, (ce - rounding) * Math.min(...own), (ce + rounding) * Math.max(...own));

    const labelled = (1 - alpha) * ce + (2 * alpha - 1) * sumOf(losses.targetCe);
    const power = (g: number) => g ** gamma;
    const [least, most] = [Math.max(power(low) - powerError, 0), power(high) + powerError];
    sums.focal.add(
      1,
      labelled * meanOver(power, low, high),
      (labelled - rounding) * least,
      (labelled + rounding) * most,
    );
    total += count;
  }
  const infinite = losses.infinite > 0;
  const means = Object.entries(sums).map(([name, sum]) => [name, infinite ? NOTHING : sum.over(total)] as const);
  return {
    loss: Object.fromEntries(means.map(([name, { mean }]) => [name, mean])),
    lossErrorBound: Object.fromEntries(means.map(([name, { bound }]) => [name, bound])),
    focal: { gamma, alpha },
  };
}

/** Mean of weight times cross-entropy, from a weight for each piece in order; `null` where it is infinite. */
export function softWeightedMean(
  counts: CellCounts,
  losses: SoftLosses,
  partition: Partition,
  weights: ArrayLike<number>,
): number | null {
  if (losses.infinite > 0) return null;
  let [sum, total] = [0, 0];
  for (const [i, { firstBits, count }] of [...piecesOf(counts, partition)].entries()) {
    const entry = entryOfPiece(partition, firstBits);
    const { whole, rest } = losses.ce;
    sum += (whole[entry] + rest[entry] * UNIT) * weights[i];
    total += count;
  }
  return sum / total;
}

const NOTHING = { mean: null, bound: null } as const;
