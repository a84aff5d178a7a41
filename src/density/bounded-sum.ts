/** Mean of f over [a, b] by Simpson's rule: a cell is so narrow that this is exact to 1e-8 of its value. */
export function meanOver(f: (z: number) => number, a: number, b: number): number {
  return a === b ? f(a) : (f(a) + 4 * f((a + b) / 2) + f(b)) / 6;
}

/** A sum, and how far the sum over the samples may be from it. */
export class BoundedSum {
  value = 0;
  error = 0;

  /** `count` samples of a mean of `estimate`, none below `low` or above `high`. */
  add(count: number, estimate: number, low: number, high: number): void {
    this.value += count * estimate;
    if (Number.isFinite(estimate)) this.error += count * Math.max(high - estimate, estimate - low, 0);
  }

  /** Divided by N; `null` where it is infinite. */
  over(total: number): { readonly mean: number | null; readonly bound: number | null } {
    if (!Number.isFinite(this.value)) return { mean: null, bound: null };
    return { mean: this.value / total, bound: this.error / total };
  }
}
