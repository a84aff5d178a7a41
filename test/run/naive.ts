/** The definition, written as plainly as it can be: what every run is compared with. */

/** Samples of one logits file: values as the tool sees them, and 0 negative, 1 positive, 2 left out. */
export interface NaivePart {
  readonly logits: ArrayLike<number>;
  readonly codes: ArrayLike<number>;
}

export interface NaiveResult {
  readonly total: number;
  readonly ignored: number;
  readonly counts: number[];
  readonly validBins: number;
  readonly beta: number[];
  /** One list a part. */
  readonly weights: number[][];
  readonly loss: { readonly ce: number; readonly focal: number; readonly ghmc: number };
}

export interface NaiveOptions {
  readonly bins?: number;
  readonly normalize?: 'valid-bins' | 'all-bins';
  readonly maxWeight?: number;
}

/** Edges of the regions as margins: sigmoid(z) = j / M. In double precision no float32 but 0 is near one. */
export const edgesOf = (bins: number): number[] =>
  Array.from({ length: bins - 1 }, (_, i) => Math.log((i + 1) / (bins - i - 1)));

/** Unit region of a margin. */
export function regionOf(z: number, edges: readonly number[]): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= z) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts, weights and losses of a stream. */
export function naive(parts: readonly NaivePart[], options: NaiveOptions = {}): NaiveResult {
  const { bins = 30, normalize = 'valid-bins', maxWeight = Number.POSITIVE_INFINITY } = options;
  const edges = edgesOf(bins);
  const counts = new Array<number>(bins).fill(0);
  let ignored = 0;
  const regions = parts.map(({ logits, codes }) =>
    Array.from(logits, (x, i) => {
      if (codes[i] === 2) {
        ignored++;
        return -1;
      }
      const region = regionOf(codes[i] === 1 ? -x : x, edges);
      counts[region]++;
      return region;
    }),
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  const validBins = counts.filter((count) => count > 0).length;
  const divisor = normalize === 'valid-bins' ? validBins : bins;
  const beta = counts.map((count) => (count === 0 ? 0 : Math.min(total / (count * divisor), maxWeight)));
  const weights = regions.map((list) => list.map((region) => (region < 0 ? 0 : Math.fround(beta[region]))));
  const sums = { ce: 0, focal: 0, ghmc: 0 };
  parts.forEach(({ logits, codes }, part) => {
    for (let i = 0; i < logits.length; i++) {
      if (codes[i] === 2) continue;
      const z = codes[i] === 1 ? -logits[i] : logits[i];
      const ce = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
      const g = 1 / (1 + Math.exp(-z));
      sums.ce += ce;
      sums.focal += (codes[i] === 1 ? 0.25 : 0.75) * g * g * ce;
      sums.ghmc += beta[regions[part][i]] * ce;
    }
  });
  const loss = { ce: sums.ce / total, focal: sums.focal / total, ghmc: sums.ghmc / total };
  return { total, ignored, counts, validBins, beta, weights, loss };
}
