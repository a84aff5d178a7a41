import type { BetaTable } from './beta-table.ts';
import { bitsOfCell, bitsOfFloat32, float16OfBits } from './cell-values.ts';
import { CELLS, NEGATIVE, POSITIVE } from './cells.ts';
import { countBelow } from './margin-counts.ts';
import { LAST_PLACE, type Place, placeOfBits } from './ordered-bits.ts';
import { isNaNCell } from './partition.ts';

/** Weights as a function of z: piece i reaches from its place to the next. */
export interface WeightPieces {
  /** Ascending; the first is that of -Infinity. */
  readonly from: ArrayLike<Place>;
  readonly weights: readonly number[];
}

/** What the kernels that weigh by z look up, as workers/kernels/fine.ts describes it. */
export interface WindowTable {
  /** u32 [2^WEIGH_BITS], by the top bits of z. */
  readonly cells: Uint32Array;
  /** u32 [pieces], and the bits of their weights. */
  readonly places: Uint32Array;
  readonly weights: Uint32Array;
}

/** Top bits of z by which weights are looked up. */
export const WEIGH_BITS = 21;
/** Places in one entry. */
const ENTRY = 2 ** (32 - WEIGH_BITS);
const CUT = 0x8000_0000;

/** Number of the piece that holds a place. */
export const pieceAt = (from: ArrayLike<Place>, place: Place): number => countBelow(from, place + 1) - 1;

/** Table of a run over float32. `bitsOf` gives the bits of a weight in the output's dtype; NaN weighs 0. */
export function windowTable(pieces: WeightPieces, bitsOf: (weight: number) => number): WindowTable {
  // the sign of -0 would be taken for the mark of a cut entry
  const weights = Uint32Array.from(pieces.weights, (weight) => bitsOf(weight + 0));
  const places = Uint32Array.from(pieces.from);
  const entryOf = (place: Place): number => Math.floor(place / ENTRY);

  // by bits, those from +0 up first and then those from -0 down; what is NaN alone stays 0
  const cells = new Uint32Array(2 ** WEIGH_BITS);
  const half = cells.length / 2;
  const put = (weight: number, first: number, last: number): void => {
    if (last >= half) cells.fill(weight, Math.max(first - half, 0), last - half + 1);
    if (first < half) cells.fill(weight, cells.length - 1 - Math.min(last, half - 1), cells.length - first);
  };
  for (const [piece, place] of places.entries()) {
    const last = piece + 1 < places.length ? places[piece + 1] - 1 : LAST_PLACE;
    put(weights[piece], entryOf(place), entryOf(last));
  }
  for (const place of [...places, LAST_PLACE + 1]) {
    const entry = entryOf(place);
    if (place % ENTRY !== 0) put(CUT + Math.max(0, pieceAt(places, entry * ENTRY)), entry, entry);
  }
  return { cells, places, weights };
}

/** Table of a run over float16 logits: each value has a cell of its own. */
export function windowCells(pieces: WeightPieces, bitsOf: (weight: number) => number): BetaTable {
  const cells = new Uint32Array(3 * CELLS);
  for (const label of [NEGATIVE, POSITIVE]) {
    for (let cell = 0; cell < CELLS; cell++) {
      if (isNaNCell('float16', cell)) continue;
      const [half] = bitsOfCell('float16', cell);
      const z = bitsOfFloat32(float16OfBits(label === POSITIVE ? half ^ 0x8000 : half));
      cells[label * CELLS + cell] = bitsOf(pieces.weights[pieceAt(pieces.from, placeOfBits(z))] + 0);
    }
  }
  return { cells, splits: new Uint32Array(0) };
}
