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
  const heaviestFirst = [...beta.keys()].filter((j) => counts[j] > 0).sort((a, b) => beta[b] - beta[a]);
  // what the regions at the limit leave of N for the others to share
  let left = counts.reduce((sum, count) => sum + count, 0);
  let weighted = heaviestFirst.reduce((sum, j) => sum + counts[j] * beta[j], 0);
  for (const j of heaviestFirst) {
    if ((left / weighted) * beta[j] <= maxWeight) break;
    left -= counts[j] * maxWeight;
    weighted -= counts[j] * beta[j];
  }
  // the smallest weight of all regions may be at the limit too: then W is 1 and every weight is
  const factor = weighted > 0 ? left / weighted : Number.POSITIVE_INFINITY;
  return beta.map((weight, j) => (counts[j] > 0 ? Math.min(factor * weight, maxWeight) : 0));
}
