import { bitsOfFloat32, float16OfBits } from '../density/cell-values.ts';
import { CELLS, type CellCounts, NEGATIVE, POSITIVE } from '../density/cells.ts';
import { partitionOf } from '../density/partition.ts';
import { addCounts } from '../density/pieces.ts';
import { sameScale, scaleName } from '../density/scale.ts';
import { inputError } from '../errors.ts';

/** Counts and the file they came from. */
export interface NamedCounts {
  readonly name: string;
  readonly counts: CellCounts;
}

/**
 * Exact sum of partials, in any order. Parts of float16 among parts of float32 are counted again as float32, which
 * loses nothing: a float16 cell is one value.
 *
 * @throws inputError where two counted different tasks or regions
 */
export function mergeCounts(parts: readonly NamedCounts[]): CellCounts {
  const [first] = parts;
  for (const part of parts) {
    if (!sameScale(part.counts.scale, first.counts.scale)) {
      throw inputError(
        `${part.name}: counts of ${scaleName(part.counts.scale)}, but ${first.name} of ${scaleName(first.counts.scale)}; ` +
          'only counts of one task add up',
      );
    }
    if (part.counts.bins !== first.counts.bins) {
      throw inputError(
        `${part.name}: counted for ${part.counts.bins} regions, but ${first.name} for ${first.counts.bins}; ` +
          'count both with the same --bins',
      );
    }
  }
  const mixed = parts.some((part) => part.counts.kind !== first.counts.kind);
  const sum = addCounts(parts.map(({ counts }) => (mixed && counts.kind === 'float16' ? widenCounts(counts) : counts)));
  const samples = sum.cells.reduce((total, table) => table.reduce((n, count) => n + count, total), sum.ignored);
  if (samples > Number.MAX_SAFE_INTEGER) {
    throw inputError(`${first.name} and the others hold more than 2^53 samples together, too many to count exactly`);
  }
  return sum;
}

/** float16 counts as the float32 kernels would have counted the same values. */
export function widenCounts(counts: CellCounts): CellCounts {
  const { scale, bins, ignored } = counts;
  const partition = partitionOf({ kind: 'float32', scale, bins });
  const cells: [Float64Array, Float64Array] = [new Float64Array(CELLS), new Float64Array(CELLS)];
  const splits: [Float64Array, Float64Array] = [
    new Float64Array(partition.thresholds.length),
    new Float64Array(partition.thresholds.length),
  ];
  for (const label of [NEGATIVE, POSITIVE]) {
    for (const [half, count] of counts.cells[label].entries()) {
      if (count === 0) continue;
      const bits = bitsOfFloat32(float16OfBits(half));
      const cell = bits >>> 16;
      cells[label][cell] += count;
      for (let t = partition.firstThreshold[cell + 1] - 1; t >= partition.firstThreshold[cell]; t--) {
        if (bits >= partition.thresholds[t]) {
          splits[label][t] += count;
          break;
        }
      }
    }
  }
  return { kind: 'float32', scale, bins, cells, splits, ignored };
}
