import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareNatural } from '../../src/sources/natural-order.ts';

test('numbers numerically, the rest by code unit, folders together', () => {
  const sorted = [
    'a',
    'a/part2.npy',
    'a/part10.npy',
    'a-b/part1.npy',
    'a1/x.npy',
    'a02/x.npy',
    'part.npy',
    'part-1.npy',
    'part-2b.npy',
    'part-002c.npy',
    'part-10.npy',
    'part-99999999999999999998.npy',
    'part-99999999999999999999.npy',
    'partA.npy',
    'parta.npy',
    'partä.npy',
  ];
  // '-' < '.' in code units
  const expected = [...sorted.slice(0, 6), ...sorted.slice(7, 13), 'part.npy', ...sorted.slice(13)];
  expect([...sorted].reverse().sort(compareNatural)).toEqual(expected);
});

test('leading zeros decide only between names that are equal otherwise', () => {
  expect(['x1', 'x01', 'x001'].sort(compareNatural)).toEqual(['x001', 'x01', 'x1']);
  expect(compareNatural('x01b', 'x1a')).toBeGreaterThan(0);
  expect(compareNatural('x0', 'x00')).not.toBe(0);
});

test('is a total order', () => {
  const name = fc.array(fc.constantFrom('a', 'B', '0', '1', '07', '12', '/', '-', '.', '_'), { maxLength: 6 });
  const text = name.map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      expect(Math.sign(compareNatural(a, b))).toBe(-Math.sign(compareNatural(b, a)) + 0);
      expect(compareNatural(a, b) === 0).toBe(a === b);
      if (compareNatural(a, b) <= 0 && compareNatural(b, c) <= 0) expect(compareNatural(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 5000 },
  );
});
