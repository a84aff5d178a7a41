/**
 * Weights scaled by one factor s so that the counted samples' mean weight is 1, and none is above the limit:
 * (1/N) sum R_j min(s beta_j, W) = 1.
 *
 * @param beta [M] weights before the limit; 0 where a region is empty
 * @param counts [M] R_j, at least one above 0
 * @param maxWeight W, at least 1: no mean of 1 could be had below that
 */
export function scaledToMeanOne(
  beta: readonly number[],
  counts: readonly number[],
  maxWeight = Number.POSITIVE_INFINITY,
): number[] {
  const factor = meanOneFactor(beta, counts, maxWeight);
  return beta.map((weight, j) => (counts[j] > 0 ? Math.min(factor * weight, maxWeight) : 0));
}

/** The factor s; infinite where every weight is at the limit. */
export function meanOneFactor(
  beta: readonly number[],
  counts: readonly number[],
  maxWeight = Number.POSITIVE_INFINITY,
): number {
  const heaviestFirst = [...beta.keys()].filter((j) => counts[j] > 0).sort((a, b) => beta[b] - beta[a]);
  // what the regions at the limit leave of N for the others to share
  let left = counts.reduce((sum, count) => sum + count, 0);
  // [i] weights of all but the i heaviest: added up, for taking the heavy from the sum would lose the light
  const weighted = [0];
  for (const j of heaviestFirst.toReversed()) weighted.push(weighted[weighted.length - 1] + counts[j] * beta[j]);
  weighted.reverse();
  let clipped = 0;
  for (const j of heaviestFirst) {
    if ((left / weighted[clipped]) * beta[j] <= maxWeight) break;
    left -= counts[j] * maxWeight;
    clipped++;
  }
  // the smallest weight of all regions may be at the limit too: then W is 1 and every weight is
  return weighted[clipped] > 0 ? left / weighted[clipped] : Number.POSITIVE_INFINITY;
}
