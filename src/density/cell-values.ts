import type { Cell, CellKind } from './cells.ts';

const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);

/** Bits of a float32. */
export function bitsOfFloat32(value: number): number {
  asFloat[0] = value;
  return asBits[0];
}

/** The float32 of these bits. */
export function float32OfBits(bits: number): number {
  asBits[0] = bits;
  return asFloat[0];
}

/** Value of the bits of a float16. */
export function float16OfBits(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 0x3ff) / 1024;
  const magnitude =
    exponent === 31
      ? fraction > 0
        ? Number.NaN
        : Number.POSITIVE_INFINITY
      : exponent === 0
        ? fraction * 2 ** -14
        : (1 + fraction) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -magnitude : magnitude;
}

/**
 * The nearest float16 of a number that is not negative, ties to even, as its bits. Infinity above the largest, 65504.
 */
export function bitsOfFloat16(value: number): number {
  if (value >= 65520) return 0x7c00;
  const exponent = value === 0 ? -14 : Math.max(-14, Math.floor(Math.log2(value)));
  // in units of the last place of this exponent; exact, as a power of two
  const units = value / 2 ** (exponent - 10);
  let whole = Math.floor(units);
  const rest = units - whole;
  if (rest > 0.5 || (rest === 0.5 && whole % 2 === 1)) whole++;
  // a carry out of the fraction runs into the exponent, as it should
  return ((exponent + 14) << 10) + whole;
}

/** The number that bits of a cell or piece stand for. */
export function valueOfBits(kind: CellKind, bits: number): number {
  return kind === 'float16' ? float16OfBits(bits) : float32OfBits(bits);
}

/** A range of logits that a piece of a cell spans, from its lowest to its highest bits; for float16 one value. */
export function valueRange(kind: CellKind, firstBits: number, lastBits: number): [number, number] {
  return [valueOfBits(kind, firstBits), valueOfBits(kind, lastBits)];
}

/** Lowest and highest bits of a whole cell. */
export function bitsOfCell(kind: CellKind, cell: Cell): [number, number] {
  return kind === 'float16' ? [cell, cell] : [cell * 0x1_0000, cell * 0x1_0000 + 0xffff];
}
