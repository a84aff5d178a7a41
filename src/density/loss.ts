import { BoundedSum, meanOver } from './bounded-sum.ts';
import { type CellCounts, POSITIVE } from './cells.ts';
import type { Partition } from './partition.ts';
import { piecesOf, rangeOfPiece } from './pieces.ts';
import type { Regions } from './regions.ts';
import { coordinateOf, type Scale } from './scale.ts';
import { softMeanLosses } from './soft-losses.ts';

/** The constants as options have them. */
export interface FocalOptions {
  readonly focalGamma?: number | undefined;
  readonly focalAlpha?: number | undefined;
}

export const focalConstants = ({ focalGamma, focalAlpha }: FocalOptions): FocalConstants => ({
  gamma: focalGamma ?? DEFAULT_FOCAL.gamma,
  alpha: focalAlpha ?? DEFAULT_FOCAL.alpha,
});

/** Constants of the focal loss: its exponent, and the weight of a positive, 1 - alpha that of a negative. */
export interface FocalConstants {
  readonly gamma: number;
  readonly alpha: number;
}
export const DEFAULT_FOCAL: FocalConstants = { gamma: 2, alpha: 0.25 };

/** Cross entropy of a sample at margin z: -log(1 - sigmoid(z)) = log(1 + e^z). */
export const crossEntropy = (z: number): number => (z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)));

/** Focal loss -alpha_t (1 - p_t)^gamma log p_t of a sample at margin z; 1 - p_t = sigmoid(z). */
export function focalLoss(z: number, positive: boolean, { gamma, alpha } = DEFAULT_FOCAL): number {
  const g = 1 / (1 + Math.exp(-z));
  return (positive ? alpha : 1 - alpha) * g ** gamma * crossEntropy(z);
}

/** ASL1 = sqrt(d^2 + mu^2) - mu, written so that a small d keeps its digits. */
export function authenticSmoothL1(d: number, mu: number): number {
  return d === Number.POSITIVE_INFINITY ? d : (d / (Math.hypot(d, mu) + mu)) * d;
}

export type LossName = 'ce' | 'focal' | 'ghmc' | 'asl1' | 'ghmr';

/** The losses of a task: those of its samples alone, and the first of them times beta. */
export const lossesOf = (task: Scale['task']): readonly LossName[] =>
  task === 'regression' ? ['asl1', 'ghmr'] : ['ce', 'focal', 'ghmc'];

/**
 * Means over the counted samples: `ce`, `focal`, `ghmc` of a classification or softmax, `asl1`, `ghmr` of a regression.
 * `null` where an infinite number on the wrong side makes one infinite.
 */
export interface MeanLosses {
  readonly ce?: number | null | undefined;
  readonly focal?: number | null | undefined;
  readonly ghmc?: number | null | undefined;
  readonly asl1?: number | null | undefined;
  readonly ghmr?: number | null | undefined;
}

/** What a density says of losses. */
export interface LossFields {
  readonly loss: MeanLosses;
  /**
   * Each mean is at most this far from the mean over the samples themselves, wherever they lie in their cells: absolute,
   * `null` where the mean is. Cells are some 0.8 % of a number wide, and means are far nearer than this where numbers are
   * spread over them; 0 for float16 logits, whose cells are single values.
   */
  readonly lossErrorBound?: MeanLosses | undefined;
  /** Constants of the focal loss, that of a softmax without alpha. */
  readonly focal?: { readonly gamma: number; readonly alpha?: number | undefined } | undefined;
}

/** The name of the loss that weights are for, times the weights. */
export const weightedLossOf = (task: Scale['task']): LossName => (task === 'regression' ? 'ghmr' : 'ghmc');

/** A loss of one sample at z, growing with z. */
export type SampleLoss = (z: number, positive: boolean) => number;

/** The loss that weights are for: cross-entropy, or ASL1. Not of soft targets, whose loss is no function of z. */
export const unweightedLoss = (scale: Scale): SampleLoss => sampleLosses(scale, DEFAULT_FOCAL)[0];

/** The losses that `lossesOf` names before the last, in that order. */
function sampleLosses(scale: Scale, focal: FocalConstants): [SampleLoss, ...SampleLoss[]] {
  if (scale.task === 'regression') return [(d) => authenticSmoothL1(d, scale.mu)];
  // a softmax has no negatives among its samples, and the focal loss of the papers gives it no alpha
  const constants = scale.task === 'softmax' ? { ...focal, alpha: 0 } : focal;
  return [crossEntropy, (z, positive) => focalLoss(z, positive, constants)];
}

/**
 * Mean losses from the pieces, each sample at the mean of its piece: (1/N) sum CE, focal, and (1/N) sum beta CE (equation
 * 8); of a regression ASL1 and GHM-R. With bounds from the ends of the pieces, where losses, which grow with z, are least
 * and greatest. Those of soft targets from their own sums. Summed in the order of the pieces: same counts, same bits.
 */
export function meanLosses(
  counts: CellCounts,
  partition: Partition,
  regions: Regions,
  beta: readonly number[],
  focal: FocalConstants = DEFAULT_FOCAL,
): LossFields {
  const { scale, softLosses } = counts;
  if (softLosses) return softMeanLosses(counts, softLosses, partition, regions, beta, focal);
  const plain = sampleLosses(scale, focal);
  const sums = plain.map(() => new BoundedSum());
  const weighted = new BoundedSum();
  let total = 0;
  for (const piece of piecesOf(counts, partition)) {
    const { label, count } = piece;
    const range = rangeOfPiece(counts, piece);
    const first = coordinateOf(label, range[0]);
    const last = coordinateOf(label, range[1]);
    const low = Math.min(first, last);
    const high = Math.max(first, last);
    const positive = label === POSITIVE;
    for (let i = 0; i < plain.length; i++) {
      const at = (z: number) => plain[i](z, positive);
      const estimate = meanOver(at, first, last);
      const least = at(low);
      const greatest = at(high);
      sums[i].add(count, estimate, least, greatest);
      if (i > 0) continue;
      const [leastBeta, greatestBeta] = extremes(beta, regions.of(low), regions.of(high));
      const ownBeta = beta[regions.of(Math.fround((low + high) / 2))];
      weighted.add(count, estimate * ownBeta, leastBeta * least, greatestBeta * greatest);
    }
    total += count;
  }
  const all = [...sums, weighted].map((sum) => sum.over(total));
  const named = (values: readonly (number | null)[]) =>
    Object.fromEntries(lossesOf(scale.task).map((name, i) => [name, values[i]]));
  return {
    loss: named(all.map(({ mean }) => mean)),
    lossErrorBound: named(all.map(({ bound }) => bound)),
    ...(scale.task === 'classification' && { focal }),
    ...(scale.task === 'softmax' && { focal: { gamma: focal.gamma } }),
  };
}

/** Least and greatest weight of the regions first..last: one region but where a piece is cut by edges not counted for. */
function extremes(beta: readonly number[], first: number, last: number): [number, number] {
  if (first === last) return [beta[first], beta[first]];
  const own = beta.slice(first, last + 1);
  return [Math.min(...own), Math.max(...own)];
}
