import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Hardest } from '../../workers/hardest.ts';

/** Places held, with the order they came in, the hardest first. */
function held(hardest: Hardest): number[][] {
  const list: number[][] = [];
  hardest.each((place, part, sample) => list.push([place, part, sample]));
  return list;
}

it('holds what sorting all and cutting gives, of equal ones the first, and never more than twice as many', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(3), fc.nat(2 ** 32 - 1), fc.constant(2 ** 32 - 1)), { maxLength: 500 }),
      fc.integer({ min: 1, max: 200 }),
      fc.nat(3),
      (places, top, least) => {
        const hardest = new Hardest(top, least);
        for (const [i, place] of places.entries()) {
          hardest.offer(place, Math.floor(i / 7), i);
          expect(hardest.length).toBeLessThanOrEqual(2 * top);
        }
        const all = places.map((place, i) => [place, Math.floor(i / 7), i]).filter(([place]) => place >= least);
        expect(held(hardest)).toEqual(all.sort((a, b) => b[0] - a[0] || a[2] - b[2]).slice(0, top));
      },
    ),
  );
});

it('asks for more once it is full', () => {
  const hardest = new Hardest(2, 10);
  for (const place of [10, 20, 30, 40]) hardest.offer(place, 0, place);
  expect(hardest.least).toBe(10);
  hardest.offer(35, 1, 0);
  expect(hardest.least).toBe(31);
  expect(held(hardest)).toEqual([
    [40, 0, 40],
    [35, 1, 0],
  ]);
});
