import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScoreLogits } from '../../src/coco/logits.ts';
import { Regions } from '../../src/density/regions.ts';
import { LOGITS } from '../../src/density/scale.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('the logit of a score', () => {
  it('is the nearest float32 of ln(p / (1 - p)), or the one beside it', () => {
    const logits = new ScoreLogits(30);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (score, isPositive) => {
        const x = logits.of(score, isPositive);
        expect(Math.fround(x)).toBe(x);
        expect(Math.abs(sigmoid(x) - score)).toBeLessThan(1e-7);
      }),
    );
  });

  it.each([1, 2, 3, 7, 10, 30, 64, 100, 1000, 9999, 10_000])(
    'of a decimal lies in the region that its digits say, of %i',
    (bins) => {
      const logits = new ScoreLogits(bins);
      const regions = new Regions(bins, LOGITS);
      const wrong: string[] = [];
      for (const digits of [10, 1000, 4096, 10_000]) {
        const regionOf = (numerator: number) => Math.min(bins - 1, Math.floor((numerator * bins) / digits));
        for (let k = 0; k <= digits; k++) {
          if (regions.of(logits.of(k / digits, false)) !== regionOf(k)) wrong.push(`${k}/${digits}, negative`);
          if (regions.of(-logits.of(k / digits, true)) !== regionOf(digits - k)) wrong.push(`${k}/${digits}, positive`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  it('of a float32 score lies in the region of its very value', () => {
    const logits = new ScoreLogits(30);
    const regions = new Regions(30, LOGITS);
    // the float32 below 0.7, whose g as a positive is just above 0.3
    const below = 0.699999988079071;
    expect(regions.of(-logits.of(below, true))).toBe(9);
    expect(regions.of(logits.of(below, false))).toBe(20);
  });

  it('of 0 and 1 is infinite, and in the outer regions', () => {
    for (const bins of [1, 2, 30]) {
      const logits = new ScoreLogits(bins);
      const regions = new Regions(bins, LOGITS);
      expect(logits.of(0, false)).toBe(Number.NEGATIVE_INFINITY);
      expect(logits.of(1, true)).toBe(Number.POSITIVE_INFINITY);
      expect(regions.of(-logits.of(0, true))).toBe(bins - 1);
      expect(regions.of(logits.of(1, false))).toBe(bins - 1);
      expect(regions.of(-logits.of(1, true))).toBe(0);
      expect(regions.of(logits.of(Number.MIN_VALUE, false))).toBe(0);
      expect(regions.of(-logits.of(Number.MIN_VALUE, true))).toBe(bins - 1);
    }
  });
});
