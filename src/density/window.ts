import { bitsOfFloat32 } from './cell-values.ts';
import type { CellCounts } from './cells.ts';
import type { Density, WindowDensity } from './density.ts';
import type { FocalOptions } from './loss.ts';
import { type MarginCounts, marginCounts } from './margin-counts.ts';
import { meanOneFactor } from './mean-one.ts';
import { bitsOfPlace, placeOfBits, valueOfPlace } from './ordered-bits.ts';
import { partitionOf } from './partition.ts';
import { Regions, regionCounts } from './regions.ts';
import { coordinateAt } from './scale.ts';
import { edgesOf } from './unit-regions.ts';
import { eachCrowd } from './window-crowds.ts';
import { windowLosses } from './window-losses.ts';
import { boundsOf, type WindowPieces, windowPieces } from './window-pieces.ts';
import { pieceAt, type WeightPieces } from './window-table.ts';

export interface WindowOptions extends FocalOptions {
  /** Unit regions by which samples are listed; the weights do not depend on them. */
  readonly bins: number;
  /** Width of the window, in (0, 2]. */
  readonly epsilon: number;
  readonly maxWeight: number | undefined;
  readonly meanOne?: boolean;
}

/**
 * The windowed density of equations (4)-(7): GD(g) is the number of samples with a gradient norm in
 * [g - eps/2, g + eps/2), over the part of the window that lies in [0, 1]; beta = N / GD. As finely as the counts know it
 * and never further from the truth than the bounds that come with it. Pure.
 */
export function windowDensity(counts: CellCounts, options: WindowOptions): Density {
  const { bins, epsilon, maxWeight, meanOne } = options;
  const partition = partitionOf(counts);
  const { counts: regions, uncertain } = regionCounts(counts, partition, bins);
  const margins = marginCounts(counts);
  const pieces = windowPieces(margins, epsilon, counts.fine?.bits);
  const weights = limited(margins, pieces, maxWeight, meanOne);
  const { gradientDensity, beta } = meansOf(margins, pieces, weights, regions);
  return {
    schema: 'ghm.density/1',
    ...counts.scale,
    method: 'window',
    bins,
    ...(maxWeight !== undefined && { maxWeight }),
    ...(meanOne && { meanOne }),
    total: margins.total,
    ignored: counts.ignored,
    validBins: regions.filter((count) => count > 0).length,
    edges: edgesOf(bins),
    counts: regions,
    ...(uncertain > 0 && { countsUncertain: uncertain }),
    gradientDensity,
    beta,
    ...windowLosses(counts, options, margins, pieces, weights),
    window: {
      epsilon,
      ...(counts.fine && { fineBits: counts.fine.bits }),
      errorBound: boundsOf(margins, pieces),
      ...readablePoints(margins, pieces, weights),
      pieces: {
        from: pieces.from.map(bitsOfPlace),
        beta: weights,
        errorBound: pieces.bound.map(roundedUp),
      },
    },
  };
}

/** Pieces of a density.json, for the tables of pass 2. */
export function weightPieces({ pieces }: Pick<WindowDensity, 'pieces'>): WeightPieces {
  return { from: Uint32Array.from(pieces.from, placeOfBits), weights: pieces.beta };
}

/** Weights of the pieces: beta, scaled and clipped as asked. */
function limited(
  margins: MarginCounts,
  { from, beta }: WindowPieces,
  maxWeight = Number.POSITIVE_INFINITY,
  meanOne = false,
): number[] {
  const clip = (factor: number): number[] =>
    beta.map((weight) => (weight > 0 ? Math.min(factor * weight, maxWeight) : 0));
  if (!meanOne) return clip(1);
  const samples = new Array<number>(beta.length).fill(0);
  eachCrowd(margins, from, (piece, count) => {
    samples[piece] += count;
  });
  return clip(meanOneFactor(beta, samples, maxWeight));
}

/** Mean weight and mean GD of the samples of each unit region, as far as ranges tell, 0 where there are none. */
function meansOf(
  margins: MarginCounts,
  { from, beta }: WindowPieces,
  weights: readonly number[],
  counts: readonly number[],
): Pick<Density, 'gradientDensity' | 'beta'> {
  const regions = new Regions(counts.length, margins.scale);
  const sums = counts.map(() => ({ samples: 0, density: 0, weight: 0 }));
  eachCrowd(margins, from, (piece, samples, first, last) => {
    const middle = Math.fround((valueOfPlace(first) + valueOfPlace(last)) / 2);
    const sum = sums[regions.of(middle)];
    sum.samples += samples;
    sum.density += (samples * margins.total) / beta[piece];
    sum.weight += samples * weights[piece];
  });
  const mean = (j: number, sum: number): number => (counts[j] > 0 && sums[j].samples > 0 ? sum / sums[j].samples : 0);
  return {
    gradientDensity: sums.map(({ density }, j) => mean(j, density)),
    beta: sums.map(({ weight }, j) => mean(j, weight)),
  };
}

/** Points at which the density is listed, where there are samples. */
const POINTS = 200;

function readablePoints(
  margins: MarginCounts,
  pieces: WindowPieces,
  weights: readonly number[],
): Pick<WindowDensity, 'g' | 'gradientDensity' | 'beta'> {
  const regions = new Regions(POINTS, margins.scale);
  const held = new Set<number>();
  for (const [i, first] of margins.first.entries()) {
    held.add(regions.of(valueOfPlace(Math.floor((first + margins.last[i]) / 2))));
  }
  const g = [...held].sort((a, b) => a - b).map((j) => (j + 0.5) / POINTS);
  const at = g.map((t) => pieceAt(pieces.from, placeOfBits(bitsOfFloat32(coordinateAt(margins.scale, t)))));
  return {
    g,
    gradientDensity: at.map((piece) => margins.total / pieces.beta[piece]),
    beta: at.map((piece) => weights[piece]),
  };
}

/** Three digits, never less than the number: a bound stays one. */
function roundedUp(bound: number): number {
  if (bound === 0) return 0;
  const rounded = Number(bound.toPrecision(3));
  // one more in the third digit where that rounded down
  return rounded >= bound ? rounded : Number((rounded + 10 ** (Math.floor(Math.log10(bound)) - 2)).toPrecision(3));
}
