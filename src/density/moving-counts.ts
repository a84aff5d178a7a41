/** How the density of batches follows those before. */
export interface Momentum {
  /** alpha, at least 0 and below 1; 0: each batch by itself. */
  readonly momentum: number;
  readonly biasCorrection: boolean;
}

/**
 * The exponential moving average of region counts over batches, in the order of the stream:
 *
 *     S_j(t) = alpha S_j(t-1) + (1 - alpha) R_j(t)    where R_j(t) > 0; a region that is empty in a batch keeps its S_j
 *
 * As in the released code S_j starts at 0 and is not corrected for it: the first batch's weights are 1 / (1 - alpha) times
 * what they are without momentum. With bias correction S_j is divided by 1 - alpha^k, k the batches that updated region
 * j: it is then a mean of counts, at least 1, whatever alpha is, and a region's first count itself where k = 1.
 */
export class MovingCounts {
  private readonly rule: Momentum;
  private readonly averages: Float64Array;
  /** 1 - alpha^k of each region, by the same recurrence, so that it is 1 - alpha exactly where k = 1. */
  private readonly shares: Float64Array;

  constructor(bins: number, rule: Momentum) {
    this.rule = rule;
    this.averages = new Float64Array(bins);
    this.shares = new Float64Array(bins);
  }

  /** Takes the next batch's [M] counts in; returns [M] S_j after it. */
  next(counts: readonly number[]): number[] {
    const { momentum, biasCorrection } = this.rule;
    for (const [j, count] of counts.entries()) {
      if (count === 0) continue;
      if (biasCorrection) {
        this.shares[j] = momentum * this.shares[j] + (1 - momentum);
        this.averages[j] += (count - this.averages[j]) * ((1 - momentum) / this.shares[j]);
      } else {
        this.averages[j] = momentum * this.averages[j] + (1 - momentum) * count;
      }
    }
    return Array.from(this.averages);
  }
}
