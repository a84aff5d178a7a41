import { bitsOfFloat32, float16OfBits } from './cell-values.ts';
import { type CellCounts, POSITIVE } from './cells.ts';
import { bitsOfFineCell, fineEntry, fineGrid } from './fine-cells.ts';
import { LAST_PLACE, type Place, placeOfBits, valueOfPlace } from './ordered-bits.ts';
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
  const pieces = rangesOfPieces(counts).sort((a, b) => a.first - b.first);
  const most = pieces.length + (counts.fine?.counts.length ?? 0);
  const [firsts, lasts] = [new Uint32Array(most), new Uint32Array(most)];
  const before = new Float64Array(most + 1);
  let n = 0;
  const put = (first: Place, last: Place, count: number): void => {
    firsts[n] = first;
    lasts[n] = last;
    before[n + 1] = before[n] + count;
    n++;
  };
  let taken = 0;
  const putPiecesBelow = (place: Place): void => {
    for (; taken < pieces.length && pieces[taken].first < place; taken++) {
      put(pieces[taken].first, pieces[taken].last, pieces[taken].count);
    }
  };
  eachFineCell(counts, (first, last, count) => {
    putPiecesBelow(first);
    put(first, last, count);
  });
  putPiecesBelow(LAST_PLACE + 1);

  const [first, last] = [firsts.slice(0, n), lasts.slice(0, n)];
  return {
    scale: counts.scale,
    exact: counts.kind === 'float16',
    total: before[n],
    first,
    last,
    lowest: zOf(first),
    highest: zOf(last),
    before: before.slice(0, n + 1),
  };
}

function zOf(places: Uint32Array): Float64Array {
  const z = new Float64Array(places.length);
  for (let i = 0; i < places.length; i++) z[i] = zAt(places[i]);
  return z;
}

const SIGN = 0x8000_0000;

/** Fine cells that hold samples, in the order of z. */
function eachFineCell({ fine, scale }: CellCounts, visit: (first: Place, last: Place, count: number) => void): void {
  if (fine === undefined) return;
  const grid = fineGrid(fine.bits, scale);
  for (let k = grid.cells - 1; k >= 0; k--) {
    const count = fine.counts[grid.stride + k];
    if (count === 0) continue;
    const [first, last] = bitsOfFineCell(grid, k);
    visit(placeOfBits(last + SIGN), placeOfBits(first + SIGN), count);
  }
  for (let k = 0; k < grid.cells; k++) {
    const count = fine.counts[k];
    if (count === 0) continue;
    const [first, last] = bitsOfFineCell(grid, k);
    visit(placeOfBits(first), placeOfBits(last), count);
  }
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
