import fc from 'fast-check';
import { expect } from 'vitest';
import type { CellCounts } from '../../src/density/cells.ts';
import { countBits } from '../density/counting.ts';
import { interestingBits, SPECIAL_HALVES } from '../kernels/special-floats.ts';

/** Samples as bits with their codes. */
export interface Samples {
  readonly bits: readonly number[];
  readonly codes: readonly number[];
}

const split = (pairs: readonly (readonly [number, number])[]): Samples => ({
  bits: pairs.map(([bits]) => bits),
  codes: pairs.map(([, code]) => code),
});

/** 0 to 60 float32, many of them special or beside a threshold of M, NaN among them. */
export const float32Samples = (bins: number): fc.Arbitrary<Samples> =>
  fc
    .array(
      fc.tuple(
        fc.oneof(fc.constantFrom(...interestingBits(bins)), fc.integer({ min: 0, max: 0xffff_ffff })),
        fc.constantFrom(0, 1, 2),
      ),
      { maxLength: 60 },
    )
    .map(split);

/** 0 to 60 float16. */
export const float16Samples: fc.Arbitrary<Samples> = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...SPECIAL_HALVES), fc.integer({ min: 0, max: 0xffff })),
      fc.constantFrom(0, 1, 2),
    ),
    { maxLength: 60 },
  )
  .map(split);

export const count32 = (bins: number, { bits, codes }: Samples): CellCounts =>
  countBits(bins, Uint32Array.from(bits), Uint8Array.from(codes));
export const count16 = (bins: number, { bits, codes }: Samples): CellCounts =>
  countBits(bins, Uint16Array.from(bits), Uint8Array.from(codes));

/** Bits of the float32 of the same value. */
export const widenBits = (half: number): number => {
  const size = half & 0x7fff;
  const value = size < 0x400 ? size * 2 ** -24 : (1 + (size & 0x3ff) / 1024) * 2 ** ((size >> 10) - 15);
  const float = size > 0x7c00 ? Number.NaN : size === 0x7c00 ? Infinity : value;
  return new Uint32Array(Float32Array.of(half >> 15 ? -float : float).buffer)[0];
};

/** Equality of every number; `toEqual` would take half a second for the 131,072 cells. */
export function expectSameCounts(found: CellCounts, expected: CellCounts): void {
  const { cells, splits, ...rest } = found;
  const { cells: expectedCells, splits: expectedSplits, ...expectedRest } = expected;
  expect(rest).toEqual(expectedRest);
  for (const label of [0, 1]) {
    for (const [a, b] of [
      [cells[label], expectedCells[label]],
      [splits[label], expectedSplits[label]],
    ]) {
      expect(a.length).toBe(b.length);
      expect(a.every((count, i) => count === b[i])).toBe(true);
    }
  }
}
