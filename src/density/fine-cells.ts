import { quantityOf, type Scale } from './scale.ts';

/**
 * Finer counts beside the cells, for the windowed density: cells of the top 19 to 23 bits of the float32 z (see scale.ts),
 * both labels together. An end of a window falls somewhere in a cell, so the narrower the cell, the fewer samples are in
 * doubt. They reach over 16 octaves of |z|, in which all but the ends of g lie; what is beyond has its cells of 16 bits.
 */
export interface FineCounts {
  /** Bits of a cell's number. */
  readonly bits: number;
  /**
   * [2][stride]: samples of the fine cells of z from +0 up, and then of those from -0 down, by ascending |z|. Entries
   * from `cells` on are 0.
   */
  readonly counts: Float64Array;
}

/** Unless asked otherwise: on real detector outputs the density is then certain to 2 % at worst. */
export const FINE_BITS = 21;
export const FINE_CHOICES = [19, 20, 21, 22, 23] as const;

const OCTAVES = 16;

/** How fine cells of some width lie on a scale. */
export interface FineGrid {
  readonly bits: number;
  /** Number, among those of all float32 that are not negative, of the lowest. */
  readonly lowest: number;
  /** Of one sign. */
  readonly cells: number;
  /** Entries of one sign. */
  readonly stride: number;
}

/** Entries of one sign: the cells, and one for all beyond them, padded to whole cache lines. */
export const fineStride = (bits: number): number => OCTAVES * 2 ** (bits - 9) + 16;

export function fineGrid(bits: number, scale: Scale): FineGrid {
  const octave = 2 ** (bits - 9);
  return {
    bits,
    lowest: (127 + lowestExponent(scale)) * octave,
    cells: OCTAVES * octave,
    stride: fineStride(bits),
  };
}

/** From 2^this up: g is within 2^-13 of a half below, and within 2^-45 of 0 or 1 beyond, on the scale of margins. */
function lowestExponent(scale: Scale): number {
  if (scale.task === 'regression') return Math.floor(Math.log2(scale.mu)) - 11;
  return quantityOf(scale) === 'norm' ? -16 : -11;
}

/** Entry of the float32 z of these bits; `undefined` beyond the fine cells and for NaN. */
export function fineEntry({ bits, lowest, cells, stride }: FineGrid, zBits: number): number | undefined {
  const cell = ((zBits & 0x7fff_ffff) >>> (32 - bits)) - lowest;
  if (cell < 0 || cell >= cells) return undefined;
  return zBits > 0x7fff_ffff ? stride + cell : cell;
}

/** Lowest and highest bits of the magnitudes of fine cell k. */
export function bitsOfFineCell({ bits, lowest }: FineGrid, k: number): [number, number] {
  const size = 2 ** (32 - bits);
  return [(lowest + k) * size, (lowest + k + 1) * size - 1];
}
