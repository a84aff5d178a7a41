import { valueRange } from '../../density/cell-values.ts';
import { type CellCounts, NEGATIVE, POSITIVE } from '../../density/cells.ts';
import type { Density } from '../../density/density.ts';
import { partitionOf } from '../../density/partition.ts';
import { piecesOf } from '../../density/pieces.ts';
import { Regions } from '../../density/regions.ts';
import { coordinateOf } from '../../density/scale.ts';
import { ALPHA, focalGradientNorm, gradientNorm } from './losses.ts';

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
  const { bins, counts, beta, edges, total, maxWeight } = density;
  const rows: RegionRow[] = [];
  const step = Math.ceil(bins / atMost);
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

/** Counts by gradient norm; a piece lies whole in the bin of its middle. */
export function gradientHistogram(counts: CellCounts, bins: number): GradientHistogram {
  const fine = new Regions(bins, counts.scale);
  const histogram = { bins, negatives: new Float64Array(bins), positives: new Float64Array(bins) };
  for (const { z, positive, samples } of crowdsOf(counts)) {
    histogram[positive ? 'positives' : 'negatives'][fine.of(z)] += samples;
  }
  return histogram;
}

/** Sum of |dL/dx| over the samples of each unit region, [M] each. */
export interface Contributions {
  readonly ce: Float64Array;
  /** With alpha by label. */
  readonly focal: Float64Array;
  /** beta times `ce`. */
  readonly ghmc: Float64Array;
}

export function contributions(counts: CellCounts, density: Density): Contributions {
  const regions = new Regions(density.bins, counts.scale);
  const ce = new Float64Array(density.bins);
  const focal = new Float64Array(density.bins);
  for (const { z, positive, samples } of crowdsOf(counts)) {
    const region = regions.of(z);
    ce[region] += samples * gradientNorm(z);
    focal[region] += samples * (positive ? ALPHA : 1 - ALPHA) * focalGradientNorm(z);
  }
  return { ce, focal, ghmc: ce.map((sum, j) => sum * density.beta[j]) };
}

/** Factors that give a loss the same total gradient over these samples as cross-entropy has. */
export interface Scales {
  /** Without alpha. */
  readonly focal: number;
  readonly ghmc: number;
}

export function scalesToCrossEntropy(counts: CellCounts, density: Density): Scales {
  const { ce, ghmc } = contributions(counts, density);
  const focal = crowdsOf(counts).reduce((sum, { z, samples }) => sum + samples * focalGradientNorm(z), 0);
  const total = sumOf(ce);
  const factor = (sum: number) => (total > 0 && sum > 0 ? total / sum : 1);
  return { focal: factor(focal), ghmc: factor(sumOf(ghmc)) };
}

/** Shares of the whole, summed over the regions of each row; all 0 if there is no gradient. */
export function sharesByRow(sums: Float64Array, rows: readonly RegionRow[]): number[] {
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
function crowdsOf(counts: CellCounts): Crowd[] {
  return piecesOf(counts, partitionOf(counts)).map(({ label, firstBits, lastBits, count }) => {
    const [first, last] = valueRange(counts.kind, firstBits, lastBits);
    const x = Math.fround((first + last) / 2);
    return { z: coordinateOf(label, x), positive: label === POSITIVE, samples: count };
  });
}
