import { bitsOfFloat32 } from './cell-values.ts';
import type { Density } from './density.ts';
import { placeOfBits } from './ordered-bits.ts';
import { Regions } from './regions.ts';
import { scaleOf } from './scale.ts';
import { weightPieces } from './window.ts';
import { pieceAt } from './window-table.ts';

/** The weight of a sample as a function of its z, a float32: what pass 2 writes, before it is rounded. */
export function betaAt(density: Density): (z: number) => number {
  if (density.window) {
    const { from, weights } = weightPieces(density.window);
    return (z) => weights[pieceAt(from, placeOfBits(bitsOfFloat32(z)))];
  }
  const regions = new Regions(density.bins, scaleOf(density));
  return (z) => density.beta[regions.of(z)];
}
