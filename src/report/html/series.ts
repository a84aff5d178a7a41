import { valueRange } from '../../density/cell-values.ts';
import { type CellCounts, NEGATIVE, POSITIVE } from '../../density/cells.ts';
import type { Density } from '../../density/density.ts';
import { partitionOf } from '../../density/partition.ts';
import { piecesOf } from '../../density/pieces.ts';
import { Regions } from '../../density/regions.ts';
import { coordinateOf } from '../../density/scale.ts';
import { type ComparedName, comparedLosses } from './losses.ts';
import { regionWeights, weightAt } from './weights.ts';

/** Consecutive unit regions, drawn or listed as one. */
export interface RegionRow {
  /** g, from and to. */
  readonly from: number;
  readonly to: number;
  /** First unit region, and how many. */
  readonly first: number;
  readonly regions: number;
  readonly count: number;
  /** Of all counted samples, 0 to 1; 0 if there are none. */
  readonly share: number;
  /** Mean over the samples; 0 where there are none. */
  readonly beta: number;
  /** Whether a region of the row had its beta clipped. */
  readonly clipped: boolean;
}

/** The unit regions in order, as many to a row as keeps the rows at or below `atMost`. */
export function regionRows(density: Density, atMost: number): RegionRow[] {
  const { bins, counts, edges, total, maxWeight } = density;
  const beta = regionWeights(density);
  const rows: RegionRow[] = [];
  const step = Math.max(1, Math.ceil(bins / atMost));
  for (let first = 0; first < bins; first += step) {
    const end = Math.min(first + step, bins);
    let [count, weight, clipped] = [0, 0, false];
    for (let j = first; j < end; j++) {
      count += counts[j];
      weight += counts[j] * beta[j];
      clipped ||= counts[j] > 0 && maxWeight !== undefined && beta[j] >= maxWeight;
    }
    const mean = step === 1 ? beta[first] : weight / count;
    rows.push({
      from: edges[first],
      to: edges[end],
      first,
      regions: end - first,
      count,
      share: total > 0 ? count / total : 0,
      beta: count > 0 ? mean : 0,
      clipped,
    });
  }
  return rows;
}

/** Samples per equal bin of g, [bins] each. */
export interface GradientHistogram {
  readonly bins: number;
  readonly negatives: Float64Array;
  readonly positives: Float64Array;
}

/** 100 to 200 bins of g, so that region edges are bin edges wherever M allows it. */
export function fineBins(regions: number): number {
  return regions > 200 ? 200 : regions * Math.ceil(100 / regions);
}

/** Counts by gradient norm, all of them negatives where samples have no labels; a piece lies whole in the bin of its middle. */
export function gradientHistogram(counts: CellCounts, bins: number): GradientHistogram {
  const fine = new Regions(bins, counts.scale);
  const histogram = { bins, negatives: new Float64Array(bins), positives: new Float64Array(bins) };
  for (const { z, positive, samples } of crowdsOf(counts)) {
    histogram[positive ? 'positives' : 'negatives'][fine.of(z)] += samples;
  }
  return histogram;
}

/** Sum of |dL/dx| over the samples of each of `bins` regions, by loss; an entry for each of `comparedLosses`. */
export type Contributions = ReadonlyMap<ComparedName, Float64Array>;

/** The regions are those of the density unless told. A piece lies whole in the region of its middle. */
export function contributions(counts: CellCounts, density: Density, bins: number = density.bins): Contributions {
  const regions = new Regions(bins, counts.scale);
  const beta = weightAt(density);
  const losses = comparedLosses(density).map((loss) => ({ ...loss, sums: new Float64Array(bins) }));
  for (const { z, positive, samples } of crowdsOf(counts)) {
    const region = regions.of(z);
    for (const { name, norm, factor, sums } of losses) {
      sums[region] += samples * norm(z) * factor(positive) * (name === 'weighted' ? beta(z) : 1);
    }
  }
  return new Map(losses.map(({ name, sums }) => [name, sums]));
}

/** Factors that give each loss the same total gradient over these samples as the one without weights; without alpha. */
export function scalesToPlain(counts: CellCounts, density: Density): ReadonlyMap<ComparedName, number> {
  const beta = weightAt(density);
  const crowds = crowdsOf(counts);
  const totals = comparedLosses(density).map(({ name, norm }) => {
    const weight = name === 'weighted' ? beta : () => 1;
    return { name, sum: crowds.reduce((sum, { z, samples }) => sum + samples * norm(z) * weight(z), 0) };
  });
  const [{ sum: plain }] = totals;
  return new Map(totals.map(({ name, sum }) => [name, plain > 0 && sum > 0 ? plain / sum : 1]));
}

/** Shares of the whole, summed over the regions of each row; all 0 if there is no gradient. */
export function sharesByRow(sums: Float64Array, rows: readonly Pick<RegionRow, 'first' | 'regions'>[]): number[] {
  const total = sumOf(sums);
  return rows.map(({ first, regions }) => (total > 0 ? sumOf(sums.subarray(first, first + regions)) / total : 0));
}

/** Samples of each label. */
export function labelTotals(counts: CellCounts): { readonly negatives: number; readonly positives: number } {
  return { negatives: sumOf(counts.cells[NEGATIVE]), positives: sumOf(counts.cells[POSITIVE]) };
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** Samples that share a piece of a cell, hence (nearly) a gradient norm. */
interface Crowd {
  /** Negated margin in the middle of the piece, a float32: x of a negative, -x of a positive; g = sigmoid(z). */
  readonly z: number;
  readonly positive: boolean;
  readonly samples: number;
}

/** The counted samples, piece by piece. No piece spans two unit regions of `counts.bins`. */
function crowdsOf(counts: CellCounts): readonly Crowd[] {
  let crowds = found.get(counts);
  if (crowds === undefined) {
    crowds = piecesOf(counts, partitionOf(counts)).map(({ label, firstBits, lastBits, count }) => {
      const [first, last] = valueRange(counts.kind, firstBits, lastBits);
      const x = Math.fround((first + last) / 2);
      return { z: coordinateOf(label, x), positive: label === POSITIVE, samples: count };
    });
    found.set(counts, crowds);
  }
  return crowds;
}

/** Every figure and table of a report asks for the same. */
const found = new WeakMap<CellCounts, readonly Crowd[]>();
