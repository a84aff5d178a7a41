import { bitsOfFloat32, float16OfBits } from './cell-values.ts';
import { type CellCounts, POSITIVE } from './cells.ts';
import { bitsOfFineCell, type FineCounts, fineEntry, fineGrid } from './fine-cells.ts';
import { type Place, placeOfBits, valueOfPlace } from './ordered-bits.ts';
import { partitionOf } from './partition.ts';
import { piecesOf } from './pieces.ts';
import type { Scale } from './scale.ts';

/** Stands for the infinite z, so that a bound of Infinity is above them all. Beyond every float32. */
export const INFINITE = 1e300;

/**
 * How many samples lie where on the line of z (see scale.ts): disjoint ranges in ascending order, both labels together.
 * As fine as what was counted: single values for float16 logits, fine cells (or else the pieces of cells) for float32.
 */
export interface MarginCounts {
  readonly scale: Scale;
  /** Every range is a single value: nothing is in doubt. */
  readonly exact: boolean;
  readonly total: number;
  /** [n] places of the lowest and the highest float32 of each range. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** [n] the same as z, infinite ones as +-INFINITE. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
  /** [n + 1] samples in the ranges before. */
  readonly before: Float64Array;
}

interface Range {
  readonly first: Place;
  readonly last: Place;
  readonly count: number;
}

/** The finest that the counts know. */
export function marginCounts(counts: CellCounts): MarginCounts {
  const ranges = rangesOf(counts);
  const before = new Float64Array(ranges.length + 1);
  for (const [i, { count }] of ranges.entries()) before[i + 1] = before[i] + count;
  return {
    scale: counts.scale,
    exact: counts.kind === 'float16',
    total: before[ranges.length],
    first: Uint32Array.from(ranges, (range) => range.first),
    last: Uint32Array.from(ranges, (range) => range.last),
    lowest: Float64Array.from(ranges, (range) => zAt(range.first)),
    highest: Float64Array.from(ranges, (range) => zAt(range.last)),
    before,
  };
}

const SIGN = 0x8000_0000;

function rangesOf(counts: CellCounts): Range[] {
  const fine = counts.fine ? rangesOfFineCells(counts.fine, counts.scale) : [];
  // the fine cells are in order, which makes the sorting short
  return [...fine, ...rangesOfPieces(counts)].sort((a, b) => a.first - b.first);
}

function rangesOfFineCells({ bits, counts }: FineCounts, scale: Scale): Range[] {
  const grid = fineGrid(bits, scale);
  const ranges: Range[] = [];
  for (let k = grid.cells - 1; k >= 0; k--) {
    const count = counts[grid.stride + k];
    if (count === 0) continue;
    const [first, last] = bitsOfFineCell(grid, k);
    ranges.push({ first: placeOfBits(last + SIGN), last: placeOfBits(first + SIGN), count });
  }
  for (let k = 0; k < grid.cells; k++) {
    if (counts[k] === 0) continue;
    const [first, last] = bitsOfFineCell(grid, k);
    ranges.push({ first: placeOfBits(first), last: placeOfBits(last), count: counts[k] });
  }
  return ranges;
}

/** Pieces that have no fine cells; those of the two labels that are the same range of z are one. */
function rangesOfPieces(counts: CellCounts): Range[] {
  const grid = counts.fine && fineGrid(counts.fine.bits, counts.scale);
  const half = counts.kind === 'float16';
  const sums = new Map<Place, Range>();
  for (const { label, firstBits, lastBits, count } of piecesOf(counts, partitionOf(counts))) {
    // which label it is does not matter: fine cells are of the magnitude
    if (grid && fineEntry(grid, firstBits) !== undefined) continue;
    const [a, b] = (half ? [bitsOfFloat32(float16OfBits(firstBits))] : [firstBits, lastBits]).map((bits) =>
      label === POSITIVE ? (bits ^ SIGN) >>> 0 : bits,
    );
    const ends = [placeOfBits(a), placeOfBits(b ?? a)];
    const first = Math.min(...ends);
    const known = sums.get(first)?.count ?? 0;
    sums.set(first, { first, last: Math.max(...ends), count: known + count });
  }
  return [...sums.values()];
}

/** z at a place. */
export function zAt(place: Place): number {
  const value = valueOfPlace(place);
  return Number.isFinite(value) ? value : Math.sign(value) * INFINITE;
}

/** Number of leading elements of an ascending list that are below `bound`. */
export function countBelow(ascending: ArrayLike<number>, bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Samples that are certainly below z. */
export const certainlyBelow = (counts: MarginCounts, z: number): number => counts.before[countBelow(counts.highest, z)];

/** Samples that may be below z. */
export const possiblyBelow = (counts: MarginCounts, z: number): number => counts.before[countBelow(counts.lowest, z)];
