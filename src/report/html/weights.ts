import { bitsOfFloat32 } from '../../density/cell-values.ts';
import type { Density } from '../../density/density.ts';
import { placeOfBits } from '../../density/ordered-bits.ts';
import { Regions } from '../../density/regions.ts';
import { scaleOf } from '../../density/scale.ts';
import { weightPieces } from '../../density/window.ts';
import { pieceAt } from '../../density/window-table.ts';

/**
 * [M] mean weight of the samples of each region; 0 where it is empty. Groups have weights of their own. Those of batches are
 * not in a density: here they stand for one density of all samples.
 */
export function regionWeights({ beta, counts, groups }: Density): readonly number[] {
  if (groups === undefined) return beta;
  const known = meanWeights.get(groups);
  if (known !== undefined) return known;
  const sums = new Float64Array(counts.length);
  for (const [i, own] of groups.counts.entries()) {
    const weights = groups.beta[i];
    for (let j = 0; j < sums.length; j++) sums[j] += own[j] * weights[j];
  }
  const means = counts.map((count, j) => (count > 0 ? sums[j] / count : 0));
  meanWeights.set(groups, means);
  return means;
}

/** Of groups, of which there may be 100,000: most figures and tables ask for them. */
const meanWeights = new WeakMap<NonNullable<Density['groups']>, readonly number[]>();

/** What has to be said of weights that differ from set to set. */
export function setsNote({ groups, batches }: Density): string {
  if (groups)
    return ` Each ${groups.column} has weights of its own: β is their mean over the samples of a region here.`;
  return batches ? ' Each batch has weights of its own: β is that of one density of all samples here.' : '';
}

/** The weight of a sample at z, a float32: of its region, or of its window. */
export function weightAt(density: Density): (z: number) => number {
  if (density.window) {
    const { from, weights } = weightPieces(density.window);
    return (z) => weights[pieceAt(from, placeOfBits(bitsOfFloat32(z)))];
  }
  const regions = new Regions(density.bins, scaleOf(density));
  const weights = regionWeights(density);
  return (z) => weights[regions.of(z)];
}
