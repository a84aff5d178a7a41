import type { Normalize } from '../options/options.ts';
import { scaledToMeanOne } from './mean-one.ts';

/** How weights are made of counts, whatever is counted. */
export interface WeightRule {
  readonly normalize: Normalize;
  readonly maxWeight: number | undefined;
  readonly meanOne?: boolean;
}

/**
 * [M] weights of the regions of one population, 0 where a region is empty: beta = N / (S_j n), n the non-empty regions
 * (`valid-bins`) or M (`all-bins`); then scaled to a mean of 1 and clipped as the rule says.
 *
 * @param counts [M] R_j; N is their sum
 * @param crowds [M] S_j, what a region's crowd is taken to be: R_j itself, or its moving average
 */
export function regionWeights(counts: readonly number[], crowds: readonly number[], rule: WeightRule): number[] {
  const { normalize, maxWeight, meanOne } = rule;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const validBins = counts.filter((count) => count > 0).length;
  const divisor = normalize === 'valid-bins' ? validBins : counts.length;
  const unlimited = counts.map((count, j) => (count > 0 ? total / (crowds[j] * divisor) : 0));
  if (meanOne && total > 0) return scaledToMeanOne(unlimited, counts, maxWeight);
  return unlimited.map((weight) => Math.min(weight, maxWeight ?? Number.POSITIVE_INFINITY));
}
