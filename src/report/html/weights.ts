import { bitsOfFloat32 } from '../../density/cell-values.ts';
import type { Density } from '../../density/density.ts';
import { placeOfBits } from '../../density/ordered-bits.ts';
import { Regions } from '../../density/regions.ts';
import { scaleOf } from '../../density/scale.ts';
import { weightPieces } from '../../density/window.ts';
import { pieceAt } from '../../density/window-table.ts';

/** [M] mean weight of the samples of each region; 0 where it is empty. */
export const regionWeights = ({ beta }: Density): readonly number[] => beta;

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
