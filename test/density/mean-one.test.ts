import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scaledToMeanOne } from '../../src/density/mean-one.ts';

const regions = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.double({ min: 1e-3, max: 1e4, noNaN: true })), {
    minLength: 1,
    maxLength: 40,
  })
  .filter((list) => list.some(([count]) => count > 0));

const split = (list: readonly (readonly [number, number])[]) => {
  const counts = list.map(([count]) => count);
  return { counts, beta: list.map(([count, weight]) => (count > 0 ? weight : 0)) };
};

const meanOf = (weights: readonly number[], counts: readonly number[]) =>
  weights.reduce((sum, weight, j) => sum + weight * counts[j], 0) / counts.reduce((sum, count) => sum + count, 0);

it('the mean weight of the samples is 1 and ratios between regions stay', () => {
  fc.assert(
    fc.property(regions, (list) => {
      const { counts, beta } = split(list);
      const scaled = scaledToMeanOne(beta, counts);
      expect(meanOf(scaled, counts)).toBeCloseTo(1, 9);
      const factors = scaled.flatMap((weight, j) => (counts[j] > 0 ? [weight / beta[j]] : []));
      for (const factor of factors) expect(factor / factors[0]).toBeCloseTo(1, 9);
    }),
  );
});

it('under a limit the mean is 1 still, nothing is above the limit, and only what is at it lost its ratio', () => {
  fc.assert(
    fc.property(regions, fc.double({ min: 1, max: 100, noNaN: true }), (list, limit) => {
      const { counts, beta } = split(list);
      const scaled = scaledToMeanOne(beta, counts, limit);
      expect(meanOf(scaled, counts)).toBeCloseTo(1, 9);
      expect(Math.max(...scaled)).toBeLessThanOrEqual(limit);
      const free = scaled.flatMap((weight, j) => (counts[j] > 0 && weight < limit ? [weight / beta[j]] : []));
      for (const factor of free) expect(factor / free[0]).toBeCloseTo(1, 9);
    }),
  );
});

it('empty regions keep weight 0', () => {
  expect(scaledToMeanOne([0, 4, 2], [0, 1, 1])).toEqual([0, 4 / 3, 2 / 3]);
});

it('a limit of 1 gives every sample 1', () => {
  expect(scaledToMeanOne([8, 0, 0.5], [1, 0, 3], 1)).toEqual([1, 0, 1]);
});
