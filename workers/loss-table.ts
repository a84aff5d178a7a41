import { bitsOfFloat32, float16OfBits, float32OfBits } from '../src/density/cell-values.ts';
import type { CellKind } from '../src/density/cells.ts';
import { unweightedLoss } from '../src/density/loss.ts';
import { type Place, placeOfBits } from '../src/density/ordered-bits.ts';
import type { Scale } from '../src/density/scale.ts';

/** Bits of a float32 z by which losses are looked up: all that float16 and bfloat16 have, and 0.05 % of z between two. */
const BITS = 20;

/**
 * Losses by z: cross-entropy, or ASL1. Exact for numbers of 16 bits; for float32 on the line between two entries, within 1e-5
 * of the loss for z of at least -32. Entries are worked out when they are first asked for.
 */
export class LossTable {
  /** The bit of the sign, above all others. */
  readonly sign: number;
  /** The largest bits without a sign that are not NaN. */
  readonly infinity: number;
  private readonly kind: CellKind;
  private readonly lossAt: (z: number) => number;
  private readonly losses: Float64Array;
  private readonly shift: number;

  constructor(kind: CellKind, scale: Scale) {
    this.kind = kind;
    const loss = unweightedLoss(scale);
    this.lossAt = (z) => loss(z, false);
    const isHalf = kind === 'float16';
    this.sign = isHalf ? 0x8000 : 0x8000_0000;
    this.infinity = isHalf ? 0x7c00 : 0x7f80_0000;
    this.shift = isHalf ? 0 : 32 - BITS;
    this.losses = new Float64Array(2 ** (isHalf ? 16 : BITS)).fill(Number.NaN);
  }

  /** Loss at the z of these bits, which is not NaN. */
  at(bits: number): number {
    const { shift } = this;
    const cell = bits >>> shift;
    const first = this.entry(cell);
    const rest = bits & ((1 << shift) - 1);
    if (rest === 0) return first;
    const next = this.entry(cell + 1);
    // beyond the last finite entry there is no line
    if (next === Number.POSITIVE_INFINITY) return this.lossAt(float32OfBits(bits));
    return first + ((next - first) * rest) / (1 << shift);
  }

  /** Place of the float32 z of these bits among all. */
  placeOf(bits: number): Place {
    return placeOfBits(this.kind === 'float16' ? bitsOfFloat32(float16OfBits(bits)) : bits);
  }

  private entry(cell: number): number {
    const known = this.losses[cell];
    if (known >= 0) return known;
    const bits = cell * 2 ** this.shift;
    const loss = this.lossAt(this.kind === 'float16' ? float16OfBits(bits) : float32OfBits(bits));
    this.losses[cell] = loss;
    return loss;
  }
}
