import { bitsOfFloat32, float16OfBits } from '../density/cell-values.ts';
import { CELLS, type CellCounts, NEGATIVE, POSITIVE, WIDENED_LOW_BITS } from '../density/cells.ts';
import { type FineCounts, fineEntry, fineGrid } from '../density/fine-cells.ts';
import { partitionOf } from '../density/partition.ts';
import { addCounts } from '../density/pieces.ts';
import { sameScale, scaleName } from '../density/scale.ts';
import { inputError } from '../errors.ts';
import { mergeSets } from './merge-sets.ts';
import { inShardOrder, mergeShards } from './merge-shards.ts';

/** Counts and the file they came from. */
export interface NamedCounts {
  readonly name: string;
  readonly counts: CellCounts;
}

/**
 * Exact sum of partials, in any order but that of batches, which follow each other (in the order of their shards, where they
 * are shards of one stream). Parts of float16 among parts of float32 are counted again as float32, which
 * loses nothing: a float16 cell is one value.
 *
 * @throws inputError where two counted different tasks or regions
 */
export function mergeCounts(given: readonly NamedCounts[]): CellCounts {
  const parts = inShardOrder(given);
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
  checkFineCells(parts);
  const fineBits = parts.find(({ counts }) => counts.fine)?.counts.fine?.bits;
  const mixed = parts.some((part) => part.counts.kind !== first.counts.kind);
  const sum = addCounts(
    parts.map(({ counts }) => (mixed && counts.kind === 'float16' ? widenCounts(counts, fineBits) : counts)),
  );
  const samples = sum.cells.reduce((total, table) => table.reduce((n, count) => n + count, total), sum.ignored);
  if (samples > Number.MAX_SAFE_INTEGER) {
    throw inputError(`${first.name} and the others hold more than 2^53 samples together, too many to count exactly`);
  }
  const sets = mergeSets(parts.map(({ name, counts }) => ({ name, sets: counts.sets })));
  const shards = mergeShards(parts);
  return { ...sum, ...(sets && { sets }), ...(shards && { shards }) };
}

/** @throws inputError where float32 parts were not counted by the same fine cells; a float16 part needs none */
function checkFineCells(parts: readonly NamedCounts[]): void {
  const [first, ...others] = parts.filter(({ counts }) => counts.kind === 'float32');
  const words = ({ counts: { fine } }: NamedCounts): string =>
    fine ? `for windows by ${fine.bits} bits` : 'for unit regions alone';
  for (const part of others) {
    if (words(part) === words(first)) continue;
    throw inputError(
      `${part.name}: counted ${words(part)}, but ${first.name} ${words(first)}; ` +
        'count both with the same --density and --window-bits',
    );
  }
}

/** float16 counts as the float32 kernels would have counted the same values, by fine cells too where their bits are given. */
export function widenCounts(counts: CellCounts, fineBits?: number): CellCounts {
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
  const fine = fineBits === undefined ? undefined : fineCellsOfHalves(counts, fineBits);
  return {
    kind: 'float32',
    scale,
    bins,
    cells,
    splits,
    ignored,
    lowBits: WIDENED_LOW_BITS.float16,
    ...(fine && { fine }),
  };
}

function fineCellsOfHalves({ scale, cells }: CellCounts, bits: number): FineCounts {
  const grid = fineGrid(bits, scale);
  const counts = new Float64Array(2 * grid.stride);
  for (const label of [NEGATIVE, POSITIVE]) {
    for (const [half, count] of cells[label].entries()) {
      const z = label === POSITIVE ? half ^ 0x8000 : half;
      const entry = count > 0 ? fineEntry(grid, bitsOfFloat32(float16OfBits(z))) : undefined;
      if (entry !== undefined) counts[entry] += count;
    }
  }
  return { bits, counts };
}
