import { type FineCounts, fineGrid } from '../density/fine-cells.ts';
import type { Scale } from '../density/scale.ts';
import { inputError } from '../errors.ts';

/** Fine cells as a partial holds them: those with samples, of z from +0 up and from -0 down. */
export interface SparseFineCells {
  readonly bits: number;
  readonly above: SparseCells;
  readonly below: SparseCells;
}

interface SparseCells {
  /** Ascending numbers, from the lowest magnitude that has fine cells on this scale. */
  readonly cell: readonly number[];
  readonly count: readonly number[];
}

export function sparseFineCells({ bits, counts }: FineCounts, scale: Scale): SparseFineCells {
  const { cells, stride } = fineGrid(bits, scale);
  const ofSign = (from: number): SparseCells => {
    const cell: number[] = [];
    const count: number[] = [];
    for (let k = 0; k < cells; k++) {
      if (counts[from + k] === 0) continue;
      cell.push(k);
      count.push(counts[from + k]);
    }
    return { cell, count };
  };
  return { bits, above: ofSign(0), below: ofSign(stride) };
}

/**
 * Fine cells of a partial.
 *
 * @param within samples that its cells of 16 bits have where there are fine ones
 * @throws inputError naming the file where they are not what they have to be
 */
export function denseFineCells(sparse: SparseFineCells, scale: Scale, within: number, name: string): FineCounts {
  const { cells, stride } = fineGrid(sparse.bits, scale);
  const counts = new Float64Array(2 * stride);
  let total = 0;
  for (const [sign, { cell, count }] of [sparse.above, sparse.below].entries()) {
    if (cell.length !== count.length) throw inputError(`${name}: ${cell.length} fine cells but ${count.length} counts`);
    for (const [i, k] of cell.entries()) {
      if (k >= cells || (i > 0 && k <= cell[i - 1])) throw inputError(`${name}: fine cells out of order at ${k}`);
      counts[sign * stride + k] = count[i];
      total += count[i];
    }
  }
  if (total !== within) {
    throw inputError(`${name}: its pieces hold ${within} samples where its fine cells hold ${total}`);
  }
  return { bits: sparse.bits, counts };
}
