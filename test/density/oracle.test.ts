import { expect, test } from 'vitest';
import { bitsOfFloat32, float32OfBits } from '../../src/density/cell-values.ts';
import { edge, fixedOfDouble, fixedOfFloat32Bits, OracleRegions, UNCERTAINTY } from './oracle.ts';

/** Digits of ln 2, ln 3, and ln 9999 as tables (and mpmath) give them. */
const KNOWN = [
  [2, 3, '0.693147180559945309417232121458176568075500134360255254120680009'],
  [3, 4, '1.098612288668109691395245236922525704647490557822749451734694334'],
  [9999, 10_000, '9.2102403669758493777366323187231698660075705567805208286192217381'],
] as const;

test.each(KNOWN)('edge %i of %i has the digits of the logarithm', (j, bins, digits) => {
  const decimals = digits.length - 2;
  const expected = (BigInt(digits.replace('.', '')) << 256n) / 10n ** BigInt(decimals);
  const tolerance = (2n << 256n) / 10n ** BigInt(decimals);
  const difference = edge(j, bins) - expected;
  expect(difference < tolerance && difference > -tolerance).toBe(true);
});

test('logarithms add up far below what is allowed for', () => {
  // ln(6/5) + ln(5/4) = ln(6/4); edges 6 of 11, 5 of 9, 6 of 10
  const difference = edge(6, 11) + edge(5, 9) - edge(6, 10);
  expect(difference < UNCERTAINTY / 2n && difference > -UNCERTAINTY / 2n).toBe(true);
  expect(edge(3, 10)).toBe(-edge(7, 10));
});

test('float32 and doubles have their exact values', () => {
  for (const value of [0, 1, -1, 0.1, 6.5, 2 ** -60, 1.5 * 2 ** 100]) {
    const bits = bitsOfFloat32(value);
    const float = float32OfBits(bits);
    expect(Number(fixedOfFloat32Bits(bits) >> 100n) * 2 ** -156).toBe(float);
    if (Math.abs(float) < 1000) expect(fixedOfDouble(float)).toBe(fixedOfFloat32Bits(bits));
  }
  expect(fixedOfFloat32Bits(1)).toBe(1n << 107n);
});

test('regions of the oracle close on the left, and infinity ends both sides', () => {
  const oracle = new OracleRegions(4);
  expect(oracle.of(0n)).toBe(2);
  expect(oracle.of(-1n)).toBe(1);
  expect(oracle.ofSample(0x7f80_0000, false)).toBe(3);
  expect(oracle.ofSample(0x7f80_0000, true)).toBe(0);
  expect(oracle.ofSample(0x7fc0_0000, false)).toBe(-1);
});
