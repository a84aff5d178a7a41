import { partitionOf } from '../../src/density/partition.ts';
import { LOGITS } from '../../src/density/scale.ts';

/** Bits of float32 that differ from all others in kind: zeros, subnormals, limits, infinities, NaN with payloads. */
export const SPECIAL_BITS: readonly number[] = [
  0x0000_0000, 0x0000_0001, 0x0000_ffff, 0x0001_0000, 0x007f_ffff, 0x0080_0000, 0x0080_0001, 0x3eff_ffff, 0x3f00_0000,
  0x3f7f_ffff, 0x3f80_0000, 0x3f80_0001, 0x7f7f_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7f80_ffff, 0x7f81_0000,
  0x7fbf_ffff, 0x7fc0_0000, 0x7fc0_1234, 0x7fff_0000, 0x7fff_ffff,
].flatMap((bits) => [bits, bits + 0x8000_0000]);

/** The special bits, and every threshold of M with the float32 before and after it. */
export function interestingBits(bins: number): number[] {
  const thresholds = [...partitionOf({ kind: 'float32', scale: LOGITS, bins }).thresholds];
  return [...SPECIAL_BITS, ...thresholds.flatMap((bits) => [bits - 1, bits, bits + 1])];
}

/** Bits of float16 of every kind. */
export const SPECIAL_HALVES: readonly number[] = [
  0x0000, 0x0001, 0x03ff, 0x0400, 0x3bff, 0x3c00, 0x3c01, 0x7bff, 0x7c00, 0x7c01, 0x7dff, 0x7e00, 0x7fff,
].flatMap((bits) => [bits, bits + 0x8000]);
