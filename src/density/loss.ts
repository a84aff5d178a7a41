import { valueRange } from './cell-values.ts';
import { type CellCounts, POSITIVE } from './cells.ts';
import type { Partition } from './partition.ts';
import { piecesOf } from './pieces.ts';
import type { Regions } from './regions.ts';

const GAMMA = 2;
const ALPHA = 0.25;

/** Cross entropy of a sample at margin z: -log(1 - sigmoid(z)) = log(1 + e^z). */
export const crossEntropy = (z: number): number => (z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)));

/** Focal loss -alpha_t (1 - p_t)^gamma log p_t of a sample at margin z; 1 - p_t = sigmoid(z). */
export function focalLoss(z: number, positive: boolean): number {
  const g = 1 / (1 + Math.exp(-z));
  return (positive ? ALPHA : 1 - ALPHA) * g ** GAMMA * crossEntropy(z);
}

/** Means over the counted samples; `null` where an infinite logit on the wrong side makes one infinite. */
export interface MeanLosses {
  readonly ce: number | null;
  readonly focal: number | null;
  readonly ghmc: number | null;
}

/** Mean of f over [a, b] by Simpson's rule: a cell is so narrow that this is exact to 1e-8 of its value. */
function meanOver(f: (z: number) => number, a: number, b: number): number {
  return a === b ? f(a) : (f(a) + 4 * f((a + b) / 2) + f(b)) / 6;
}

/**
 * Mean losses from the pieces, each sample at the mean of its piece: (1/N) sum CE, focal (gamma 2, alpha 0.25), and
 * (1/N) sum beta CE (equation 8). Summed in the order of the pieces: same counts, same bits.
 */
export function meanLosses(
  counts: CellCounts,
  partition: Partition,
  regions: Regions,
  beta: readonly number[],
): MeanLosses {
  let total = 0;
  const sums = { ce: 0, focal: 0, ghmc: 0 };
  for (const { label, firstBits, lastBits, count } of piecesOf(counts, partition)) {
    const positive = label === POSITIVE;
    const sign = positive ? -1 : 1;
    const [first, last] = valueRange(counts.kind, firstBits, lastBits).map((x) => sign * x);
    const ce = meanOver(crossEntropy, first, last);
    sums.ce += count * ce;
    sums.focal += count * meanOver((z) => focalLoss(z, positive), first, last);
    sums.ghmc += count * ce * beta[regions.of(Math.fround((first + last) / 2))];
    total += count;
  }
  const mean = (sum: number): number | null => (Number.isFinite(sum) ? sum / total : null);
  return { ce: mean(sums.ce), focal: mean(sums.focal), ghmc: mean(sums.ghmc) };
}
