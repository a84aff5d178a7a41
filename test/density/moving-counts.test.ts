import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MovingCounts } from '../../src/density/moving-counts.ts';
import { regionWeights } from '../../src/density/region-weights.ts';

const RULE = { normalize: 'valid-bins', maxWeight: undefined } as const;
const batches = fc
  .integer({ min: 1, max: 8 })
  .chain((bins) =>
    fc.array(fc.array(fc.nat(1e6), { minLength: bins, maxLength: bins }), { minLength: 1, maxLength: 12 }),
  );
const momentum = fc.oneof(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.constantFrom(0, 0.9, 1 - 2 ** -53, 2 ** -1074),
);

describe('the moving average of counts', () => {
  it('is that of the released code: from 0, and of regions that are not empty', () => {
    const moving = new MovingCounts(3, { momentum: 0.75, biasCorrection: false });
    expect(moving.next([106_320, 224, 0])).toEqual([26_580, 56, 0]);
    expect(moving.next([8, 0, 4])).toEqual([0.75 * 26_580 + 2, 56, 1]);
  });

  it('corrected, is the mean of the counts so far, each weighing alpha times the next', () => {
    const moving = new MovingCounts(2, { momentum: 0.5, biasCorrection: true });
    expect(moving.next([6, 0])).toEqual([6, 0]);
    expect(moving.next([9, 10])).toEqual([(6 + 2 * 9) / 3, 10]);
    expect(moving.next([0, 0])).toEqual([8, 10]);
  });

  it('with alpha 0 is the batch itself', () => {
    fc.assert(
      fc.property(batches, fc.boolean(), (all, biasCorrection) => {
        const moving = new MovingCounts(all[0].length, { momentum: 0, biasCorrection });
        for (const counts of all) {
          const found = moving.next(counts);
          for (const [j, count] of counts.entries()) if (count > 0) expect(found[j]).toBe(count);
        }
      }),
    );
  });

  it('corrected, weighs the first batch as without momentum, and no weight is NaN or infinite', () => {
    fc.assert(
      fc.property(batches, momentum, (all, alpha) => {
        const moving = new MovingCounts(all[0].length, { momentum: alpha, biasCorrection: true });
        for (const [i, counts] of all.entries()) {
          const weights = regionWeights(counts, moving.next(counts), RULE);
          if (i === 0) expect(weights).toEqual(regionWeights(counts, counts, RULE));
          for (const [j, weight] of weights.entries()) {
            if (counts[j] === 0) expect(weight).toBe(0);
            else expect(weight > 0 && weight < 1e13, `${weight}`).toBe(true);
          }
        }
      }),
    );
  });

  it('without momentum counts times weights sum to N, and to N with a mean of 1', () => {
    fc.assert(
      fc.property(batches, momentum, (all, alpha) => {
        const moving = new MovingCounts(all[0].length, { momentum: alpha, biasCorrection: false });
        for (const counts of all) {
          const total = counts.reduce((sum, count) => sum + count, 0);
          const weighted = (weights: readonly number[]) =>
            counts.reduce((sum, count, j) => sum + count * weights[j], 0);
          const near = (sum: number) => expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-12 * total);
          near(weighted(regionWeights(counts, counts, RULE)));
          near(weighted(regionWeights(counts, moving.next(counts), { ...RULE, meanOne: true })));
        }
      }),
    );
  });
});
