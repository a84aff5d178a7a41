import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOGITS, gradientNorm as normOnScale } from '../../src/density/scale.ts';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { type ComparedName, focalGradientNorm } from '../../src/report/html/losses.ts';
import {
  contributions,
  fineBins,
  gradientHistogram,
  labelTotals,
  regionRows,
  scalesToPlain,
  sharesByRow,
} from '../../src/report/html/series.ts';
import { bccdCounts, bccdGolden, countSamples, type Sample } from './sample.ts';

const gradientNorm = (z: number): number => normOnScale(LOGITS, z);
const sumsOf = (...given: Parameters<typeof contributions>) => {
  const sums = contributions(...given);
  const of = (name: ComparedName) => sums.get(name) ?? new Float64Array(0);
  return { ce: of('plain'), focal: of('focal'), ghmc: of('weighted') };
};
const densityOf = (counts: ReturnType<typeof countSamples>, bins: number, maxWeight?: number) =>
  unitRegionDensity(counts, { bins, normalize: 'valid-bins', maxWeight });

/** Four samples in [0, 1/2), two in [1/2, 1], by hand. */
const SIX: readonly Sample[] = [
  [-4, false],
  [-4, false],
  [-1, false],
  [0, false],
  [3, true],
  [-Infinity, true],
];
const logit = fc.oneof(
  fc.float({ noNaN: true, min: -12, max: 12 }),
  fc.constantFrom(0, -0, Infinity, -Infinity, 1e-40, -1e-40, 3e38),
);
const samples = fc.array(fc.tuple(logit.map(Math.fround), fc.boolean()), { minLength: 1, maxLength: 60 });
const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

describe('gradientHistogram', () => {
  it('places samples by hand-computed gradient norms', () => {
    const { negatives, positives } = gradientHistogram(countSamples(SIX, 2), 10);
    // g of the negatives 0.018, 0.018, 0.269, 0.5; of the positives 0.047 and 1
    expect([...negatives]).toEqual([2, 0, 1, 0, 0, 1, 0, 0, 0, 0]);
    expect([...positives]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it.each([10, 30, 100])('gives the golden counts of the real sample at M = %d', (bins) => {
    const { negatives, positives } = gradientHistogram(bccdCounts(bins), bins);
    expect([...negatives].map((count, j) => count + positives[j])).toEqual(bccdGolden[`bins${bins}`].counts);
  });

  it('keeps every sample in its unit region when bins are split evenly', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 40 }), (drawn, bins) => {
        const counts = countSamples(drawn, bins);
        const fine = fineBins(bins);
        const { negatives, positives } = gradientHistogram(counts, fine);
        const regions = densityOf(counts, bins).counts.map((_, j) => {
          const [from, to] = [(j * fine) / bins, ((j + 1) * fine) / bins];
          return total(negatives.subarray(from, to)) + total(positives.subarray(from, to));
        });
        expect(regions).toEqual(densityOf(counts, bins).counts);
      }),
    );
  });
});

describe('fineBins', () => {
  it.each([
    [1, 100],
    [30, 120],
    [33, 132],
    [99, 198],
    [100, 100],
    [101, 101],
    [200, 200],
    [201, 200],
  ])('M = %d is drawn with %d bins', (regions, bins) => {
    expect(fineBins(regions)).toBe(bins);
  });
});

describe('contributions', () => {
  it('sums hand-computed gradient norms', () => {
    const counts = countSamples(SIX, 2);
    const { ce, focal, ghmc } = sumsOf(counts, densityOf(counts, 2));
    // cells are 1/128 of their value wide: z = -4 stands for -4.016
    expect(ce[0] / (2 * 0.01799 + 0.26894 + 0.04743)).toBeCloseTo(1, 1);
    expect(ce[1]).toBeCloseTo(0.5 + 1, 4);
    // alpha 0.75 for the negative at z = 0, 0.25 for the positive at g = 1
    expect(focal[1]).toBeCloseTo(0.75 * 0.25 * (0.5 + Math.LN2) + 0.25, 4);
    // beta = 6 / (2 * 2)
    expect(ghmc[1]).toBeCloseTo(1.5 * 1.5, 4);
  });

  it('agrees with a loop over the samples to the width of a cell', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 40 }), (drawn, bins) => {
        const counts = countSamples(drawn, bins);
        const sums = sumsOf(counts, densityOf(counts, bins));
        const margins = drawn.map(([x, positive]) => ({ z: positive ? -x : x, alpha: positive ? 0.25 : 0.75 }));
        const [ce, focal] = [
          total(margins.map(({ z }) => gradientNorm(z))),
          total(margins.map(({ z, alpha }) => alpha * focalGradientNorm(z))),
        ];
        // half a cell is 1/256 of z, at most 0.032; the relative slope of g is below 1, of the focal norm below 3
        expect(Math.abs(total(sums.ce) - ce)).toBeLessThanOrEqual(0.04 * ce);
        expect(Math.abs(total(sums.focal) - focal)).toBeLessThanOrEqual(0.12 * focal);
      }),
    );
  });
});

describe('scalesToPlain', () => {
  it('gives all losses one total gradient', () => {
    const counts = bccdCounts(30);
    const density = densityOf(counts, 30);
    const scales = scalesToPlain(counts, density);
    const { ce, ghmc } = sumsOf(counts, density);
    expect((scales.get('weighted') ?? 0) * total(ghmc)).toBeCloseTo(total(ce), 6);
    expect(scales.get('focal')).toBeGreaterThan(1);
  });

  it('is 1 where there is no gradient', () => {
    const counts = countSamples([[-Infinity, false]], 4);
    expect([...scalesToPlain(counts, densityOf(counts, 4)).values()]).toEqual([1, 1, 1]);
  });
});

describe('regionRows', () => {
  it('gives one row a region, with shares and clipping', () => {
    const counts = countSamples(SIX, 3);
    // counts 4, 1, 1; beta 6 / (4 * 3) and 6 / (1 * 3), clipped to 1.5
    expect(regionRows(densityOf(counts, 3, 1.5), 60)).toEqual([
      { from: 0, to: 1 / 3, first: 0, regions: 1, count: 4, share: 4 / 6, beta: 0.5, clipped: false },
      { from: 1 / 3, to: 2 / 3, first: 1, regions: 1, count: 1, share: 1 / 6, beta: 1.5, clipped: true },
      { from: 2 / 3, to: 1, first: 2, regions: 1, count: 1, share: 1 / 6, beta: 1.5, clipped: true },
    ]);
  });

  it('joins regions, beta as the mean over samples', () => {
    const counts = countSamples(SIX, 5);
    // counts 3, 1, 1, 0, 1: beta 6 / (3 * 4), then 6 / 4
    const rows = regionRows(densityOf(counts, 5), 2);
    expect(rows.map(({ first, regions, count }) => [first, regions, count])).toEqual([
      [0, 3, 5],
      [3, 2, 1],
    ]);
    expect(rows[0].beta).toBeCloseTo((3 * 0.5 + 2 * 1.5) / 5, 12);
    expect(rows[1].beta).toBeCloseTo(1.5, 12);
  });

  it('never exceeds the rows asked for and covers all samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 80 }), (bins, atMost) => {
        const rows = regionRows(densityOf(countSamples(SIX, bins), bins), atMost);
        expect(rows.length).toBeLessThanOrEqual(atMost);
        expect(total(rows.map(({ count }) => count))).toBe(6);
        expect(rows.at(-1)?.to).toBe(1);
      }),
      { numRuns: 40 },
    );
  });
});

it('sharesByRow sums the regions of a row', () => {
  const rows = regionRows(densityOf(countSamples(SIX, 5), 5), 2);
  expect(sharesByRow(Float64Array.of(1, 2, 3, 4, 10), rows)).toEqual([6 / 20, 14 / 20]);
  expect(sharesByRow(new Float64Array(5), rows)).toEqual([0, 0]);
});

it('labelTotals counts both labels', () => {
  expect(labelTotals(countSamples(SIX, 2))).toEqual({ negatives: 4, positives: 2 });
});
