import { describe, expect, test } from 'vitest';
import { BOTH, fillRandom, IMPLEMENTATIONS, LENGTHS, seeded } from './implementations.ts';
import { SPECIAL_BITS } from './special-floats.ts';

const X = 4096;
const CODES = 131_073;
const TO = 196_608;

/** As the definition says. */
const expected = (x: Float32Array, codes: Uint8Array, least: number): number[] =>
  [...x.keys()].filter((i) => codes[i] !== 2 && (codes[i] === 1 ? -x[i] : x[i]) >= least);

describe.each(BOTH)('%s search for the hardest samples', (by) => {
  const { bytes, kernels } = IMPLEMENTATIONS[by](8);

  const found = (bits: Uint32Array, codes: Uint8Array, least: number): number[] => {
    const n = bits.length;
    fillRandom(bytes, n);
    new Uint32Array(bytes.buffer, X, n).set(bits);
    bytes.set(codes, CODES);
    const list = expected(new Float32Array(bits.buffer), codes, least);
    const after = Buffer.from(bytes);
    Buffer.from(Uint32Array.from(list).buffer).copy(after, TO);
    expect(kernels.findAtOrAbove(X, CODES, n, least, TO)).toBe(list.length);
    expect(Buffer.compare(after, bytes), 'no other byte changes').toBe(0);
    return list;
  };

  test.each(LENGTHS)('finds all of %i samples at or above the number, and no ignored one', (n) => {
    const next = seeded(n);
    const x = Float32Array.from({ length: n }, () => (next() % 64) / 4 - 8);
    const codes = Uint8Array.from({ length: n }, () => next() % 3);
    const bits = new Uint32Array(x.buffer);
    for (const least of [-Infinity, -8, 0, 3.25, 7.75, 8, Infinity]) {
      const list = found(bits, codes, least);
      if (least === 8) expect(list.every((i) => codes[i] === 1)).toBe(true);
      if (least === -Infinity) expect(list).toHaveLength(codes.filter((code) => code !== 2).length);
    }
  });

  test('every special float on both sides of every other; NaN never', () => {
    const bits = Uint32Array.from([...SPECIAL_BITS, ...SPECIAL_BITS]);
    const codes = Uint8Array.from(bits, (_, i) => (i < SPECIAL_BITS.length ? 0 : 1));
    for (const least of new Float32Array(Uint32Array.from(SPECIAL_BITS).buffer)) {
      const list = found(bits, codes, least);
      if (Number.isNaN(least)) expect(list).toEqual([]);
    }
  });
});
