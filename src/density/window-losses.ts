import { BoundedSum, meanOver } from './bounded-sum.ts';
import type { CellCounts } from './cells.ts';
import {
  type FocalOptions,
  focalConstants,
  type LossFields,
  meanLosses,
  unweightedLoss,
  weightedLossOf,
} from './loss.ts';
import type { MarginCounts } from './margin-counts.ts';
import { placeOfBits, valueOfPlace } from './ordered-bits.ts';
import { partitionOf } from './partition.ts';
import { piecesOf } from './pieces.ts';
import { Regions } from './regions.ts';
import { softWeightedMean } from './soft-losses.ts';
import { eachCrowd } from './window-crowds.ts';
import type { WindowPieces } from './window-pieces.ts';

/** Mean losses; that of the weights as they are written, with a bound of its own but of soft targets. */
export function windowLosses(
  counts: CellCounts,
  options: FocalOptions & { readonly bins: number },
  margins: MarginCounts,
  pieces: WindowPieces,
  weights: readonly number[],
): LossFields {
  const { softLosses, scale } = counts;
  const partition = partitionOf(counts);
  const name = weightedLossOf(scale.task);
  const noWeights = new Array<number>(options.bins).fill(0);
  const regions = new Regions(options.bins, scale);
  const losses = meanLosses(counts, partition, regions, noWeights, focalConstants(options));
  const { [name]: _, ...lossErrorBound } = losses.lossErrorBound ?? {};
  if (softLosses) {
    const means = meanWeights(counts, margins, pieces, weights);
    const mean = softWeightedMean(counts, softLosses, partition, means);
    return { ...losses, loss: { ...losses.loss, [name]: mean }, lossErrorBound };
  }
  const { mean, bound } = weightedLoss(margins, pieces, weights);
  return { ...losses, loss: { ...losses.loss, [name]: mean }, lossErrorBound: { ...lossErrorBound, [name]: bound } };
}

/**
 * Mean of beta CE, or beta ASL1, each crowd at the mean of its part of a range (Simpson's rule); `null` where it is infinite. A
 * sample of a range may lie anywhere in it, in any of the pieces there.
 */
function weightedLoss(
  margins: MarginCounts,
  { from }: WindowPieces,
  weights: readonly number[],
): { readonly mean: number | null; readonly bound: number | null } {
  const lossAt = unweightedLoss(margins.scale);
  const at = (z: number): number => lossAt(z, false);
  const sum = new BoundedSum();
  let [samples, losses, least, most] = [0, 0, Number.POSITIVE_INFINITY, 0];
  let range = 0;
  const close = (): void => {
    if (samples > 0) sum.add(samples, losses / samples, least, most);
    [samples, losses, least, most] = [0, 0, Number.POSITIVE_INFINITY, 0];
  };
  eachCrowd(margins, from, (piece, crowd, first, last, of) => {
    if (of !== range) close();
    range = of;
    const [a, b] = [valueOfPlace(first), valueOfPlace(last)];
    samples += crowd;
    losses += crowd * weights[piece] * meanOver(at, a, b);
    least = Math.min(least, weights[piece] * at(a));
    most = Math.max(most, weights[piece] * at(b));
  });
  close();
  return sum.over(margins.total);
}

/** Mean weight of the samples of each counted piece of one label, in order: weights change within them. */
function meanWeights(
  counts: CellCounts,
  margins: MarginCounts,
  { from }: WindowPieces,
  weights: readonly number[],
): Float64Array {
  const ends = Array.from(piecesOf(counts, partitionOf(counts)), ({ lastBits }) => placeOfBits(lastBits));
  const means = new Float64Array(ends.length);
  const samples = new Float64Array(ends.length);
  let i = 0;
  eachCrowd(margins, from, (piece, crowd, first) => {
    while (ends[i] < first) i++;
    samples[i] += crowd;
    means[i] += (crowd * (weights[piece] - means[i])) / samples[i];
  });
  return means;
}
