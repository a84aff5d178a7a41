import { edgesOf, regionOf } from './naive.ts';

/** Batches and groups by the definition, written as plainly as it can be. Samples of one stream, in its order. */
export interface NaiveSamples {
  readonly logits: ArrayLike<number>;
  /** 0 negative, 1 positive, 2 left out. */
  readonly codes: ArrayLike<number>;
  /** Number of the set of each sample. */
  readonly sets: ArrayLike<number>;
}

export interface NaiveRule {
  readonly bins: number;
  readonly normalize?: 'valid-bins' | 'all-bins';
  readonly maxWeight?: number;
  /** Batches: alpha. Without it sets are groups. */
  readonly momentum?: number;
  readonly biasCorrection?: boolean;
}

export interface NaiveSet {
  readonly total: number;
  readonly ignored: number;
  readonly counts: number[];
  readonly beta: number[];
  readonly ce: number;
  readonly ghmc: number;
}

/** The densities of all sets, and the weight of every sample as float32. */
export function naiveSets(
  { logits, codes, sets }: NaiveSamples,
  setCount: number,
  rule: NaiveRule,
): { sets: NaiveSet[]; weights: number[] } {
  const { bins, normalize = 'valid-bins', maxWeight = Number.POSITIVE_INFINITY, momentum } = rule;
  const edges = edgesOf(bins);
  const counts = Array.from({ length: setCount }, () => new Array<number>(bins).fill(0));
  const ignored = new Array<number>(setCount).fill(0);
  const losses = Array.from({ length: setCount }, () => new Array<number>(bins).fill(0));
  const regions = Array.from(logits, (x, i) => {
    if (codes[i] === 2) {
      ignored[sets[i]]++;
      return -1;
    }
    const z = codes[i] === 1 ? -x : x;
    const region = regionOf(z, edges);
    counts[sets[i]][region]++;
    losses[sets[i]][region] += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    return region;
  });
  const averages = new Array<number>(bins).fill(0);
  const updates = new Array<number>(bins).fill(0);
  const result = counts.map((regionCounts, set): NaiveSet => {
    const total = regionCounts.reduce((sum, count) => sum + count, 0);
    const valid = regionCounts.filter((count) => count > 0).length;
    const divisor = normalize === 'valid-bins' ? valid : bins;
    const beta = regionCounts.map((count, j) => {
      if (count === 0) return 0;
      let crowd = count;
      if (momentum !== undefined) {
        averages[j] = momentum * averages[j] + (1 - momentum) * count;
        updates[j]++;
        crowd = rule.biasCorrection ? averages[j] / (1 - momentum ** updates[j]) : averages[j];
      }
      return Math.min(total / (crowd * divisor), maxWeight);
    });
    const ghmc = losses[set].reduce((sum, loss, j) => sum + beta[j] * loss, 0) / total;
    const ce = losses[set].reduce((sum, loss) => sum + loss, 0) / total;
    return { total, ignored: ignored[set], counts: regionCounts, beta, ce, ghmc };
  });
  const weights = regions.map((region, i) => (region < 0 ? 0 : Math.fround(result[sets[i]].beta[region])));
  return { sets: result, weights };
}
