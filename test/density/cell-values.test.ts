import { describe, expect, test } from 'vitest';
import {
  bitsOfCell,
  bitsOfFloat16,
  bitsOfFloat32,
  float16OfBits,
  float32OfBits,
  valueRange,
} from '../../src/density/cell-values.ts';
import { seeded } from '../kernels/implementations.ts';

/** Value of a float16 that is not negative, from the definition; 65536 stands for infinity when rounding. */
const value = (bits: number): number => {
  const exponent = bits >> 10;
  return exponent === 0 ? bits * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25);
};

/** The nearest of all float16, the even one of two: by search, without arithmetic on bits. */
function nearest(x: number): number {
  let low = 0;
  let high = 0x7c00;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value(middle) <= x) low = middle;
    else high = middle;
  }
  if (x >= value(0x7c00)) return 0x7c00;
  const [below, above] = [x - value(low), value(high) - x];
  if (below !== above) return below < above ? low : high;
  return low % 2 === 0 ? low : high;
}

describe('float16', () => {
  test('all that are not negative come back as they were', () => {
    for (let bits = 0; bits <= 0x7c00; bits++) {
      if (bitsOfFloat16(float16OfBits(bits)) !== bits) expect.fail(`bits ${bits}`);
    }
  });

  test('have the values of the format, of both signs', () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      if (float16OfBits(bits) !== value(bits)) expect.fail(`bits ${bits}`);
      if (!Object.is(float16OfBits(bits + 0x8000), -value(bits))) expect.fail(`bits ${bits + 0x8000}`);
    }
    expect(float16OfBits(0x7c00)).toBe(Infinity);
    expect(float16OfBits(0xfc00)).toBe(-Infinity);
    for (const bits of [0x7c01, 0x7fff, 0xfc01, 0xffff]) expect(float16OfBits(bits)).toBeNaN();
  });

  test('are the nearest to numbers at, beside and between them, ties to even', () => {
    const down = (x: number) => x * (1 - 2 ** -53);
    const up = (x: number) => x * (1 + 2 ** -52);
    for (let bits = 0; bits < 0x7c00; bits++) {
      const middle = (value(bits) + value(bits + 1)) / 2;
      for (const x of [value(bits), down(value(bits)), up(value(bits)), middle, down(middle), up(middle)]) {
        if (bitsOfFloat16(x) !== nearest(x)) expect.fail(`${x}: ${bitsOfFloat16(x)}, nearest ${nearest(x)}`);
      }
    }
  });

  test('are the nearest to any number', () => {
    const next = seeded(16);
    for (let i = 0; i < 50_000; i++) {
      const x = 2 ** ((next() / 2 ** 32) * 46 - 28);
      if (bitsOfFloat16(x) !== nearest(x)) expect.fail(String(x));
    }
    for (const [x, bits] of [
      [2 ** -25, 0],
      [2 ** -1074, 0],
      [65_504, 0x7bff],
      [65_519.99, 0x7bff],
      [65_520, 0x7c00],
      [Infinity, 0x7c00],
    ]) {
      expect(bitsOfFloat16(x)).toBe(bits);
    }
  });
});

test('bits of float32 are those of a typed array', () => {
  const floats = new Float32Array(1);
  const words = new Uint32Array(floats.buffer);
  const next = seeded(32);
  for (let i = 0; i < 10_000; i++) {
    words[0] = next();
    if (Number.isNaN(floats[0])) continue;
    expect(float32OfBits(words[0])).toBe(floats[0]);
    expect(bitsOfFloat32(floats[0])).toBe(words[0]);
  }
});

test('a cell of float32 spans its 65,536 floats, one of float16 is a value', () => {
  const [first, last] = bitsOfCell('float32', 0xbf80);
  expect([first, last]).toEqual([0xbf80_0000, 0xbf80_ffff]);
  expect(valueRange('float32', first, last)).toEqual([-1, -1.0078123807907104]);
  expect(bitsOfCell('float16', 0x3c00)).toEqual([0x3c00, 0x3c00]);
  expect(valueRange('float16', 0x3c00, 0x3c00)).toEqual([1, 1]);
});
