import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitsOfFloat32, float32OfBits } from '../../src/density/cell-values.ts';
import { partitionOf } from '../../src/density/partition.ts';
import { Regions, regionCounts } from '../../src/density/regions.ts';
import {
  coordinateAt,
  coordinateOf,
  gradientNorm,
  LOGITS,
  quantityOf,
  regionEdges,
  type Scale,
  sameScale,
  scaleName,
  scaleOf,
} from '../../src/density/scale.ts';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { countBits } from './counting.ts';
import { fixedOfFloat32Bits, isNaNBits } from './oracle.ts';

const SOFT: Scale = { task: 'classification', softTargets: true };
const SOFTMAX: Scale = { task: 'softmax' };
const boxes = (mu: number): Scale => ({ task: 'regression', mu });
const EVERY: readonly Scale[] = [LOGITS, SOFTMAX, SOFT, boxes(0.02), boxes(3)];

/** A double as the quotient of two integers. */
function fraction(x: number): [bigint, bigint] {
  let [whole, divisor] = [x, 1n];
  for (; !Number.isInteger(whole); whole *= 2) divisor *= 2n;
  return [BigInt(whole), divisor];
}

/** d / sqrt(d^2 + mu^2) >= j / M, squared and free of divisions. */
function isAtOrAbove(d: number, j: number, bins: number, mu: number): boolean {
  const [a, b] = fraction(d);
  const [c, e] = fraction(mu);
  return (a * e) ** 2n * (BigInt(bins) ** 2n - BigInt(j) ** 2n) >= (c * b) ** 2n * BigInt(j) ** 2n;
}

const below = (value: number): number => float32OfBits(bitsOfFloat32(value) - 1);

describe('the edges of a distance', () => {
  test.each([0.02, 0.1, 1, 3, 0.75, 1 / 9, 1e-30, 1e30])('are exact for mu = %f', (mu) => {
    for (const bins of [2, 3, 7, 10, 30, 100, 1000, 10_000]) {
      const edges = regionEdges(boxes(mu), bins);
      expect(edges.length).toBe(bins - 1);
      // one in seven of the many
      for (let j = 1; j < bins; j += bins > 100 ? 7 : 1) {
        const edge = edges[j - 1];
        if (!isAtOrAbove(edge, j, bins, mu)) expect.fail(`edge ${j} of ${bins} lies below`);
        if (isAtOrAbove(below(edge), j, bins, mu)) expect.fail(`edge ${j} of ${bins} is not the smallest`);
      }
    }
  });

  test('belong to the upper region where they are a float32: mu 4, g = 0.6 and 0.8', () => {
    const regions = new Regions(5, boxes(4));
    expect(regions.of(3)).toBe(3);
    expect(regions.of(below(3))).toBe(2);
    // 16 / 3 is no float32
    expect(regions.of(Math.fround(16 / 3))).toBe(Math.fround(16 / 3) > 16 / 3 ? 4 : 3);
    expect(regions.of(0)).toBe(0);
    expect(regions.of(Number.POSITIVE_INFINITY)).toBe(4);
  });

  test('agree with g computed in double precision wherever that is far enough from an edge to tell', () => {
    const positive = fc.float({ min: 0, noNaN: true });
    fc.assert(
      fc.property(positive, fc.integer({ min: 1, max: 200 }), fc.constantFrom(0.02, 0.1, 1), (d, bins, mu) => {
        const g = gradientNorm(boxes(mu), d);
        fc.pre(Math.abs(g * bins - Math.round(g * bins)) > 1e-9 || g === 1);
        expect(new Regions(bins, boxes(mu)).of(d)).toBe(Math.min(bins - 1, Math.floor(g * bins)));
      }),
    );
  });
});

test('the edges of g itself are the smallest float32 that are not below j / M, exactly', () => {
  for (const bins of [2, 3, 7, 10, 30, 100, 999, 10_000]) {
    for (const [i, edge] of regionEdges(SOFT, bins).entries()) {
      const exact = (BigInt(i + 1) << 256n) / BigInt(bins);
      const isWhole = exact * BigInt(bins) === BigInt(i + 1) << 256n;
      const found = fixedOfFloat32Bits(bitsOfFloat32(edge));
      if (isWhole ? found !== exact : found <= exact) expect.fail(`edge ${i + 1} of ${bins}`);
      if (fixedOfFloat32Bits(bitsOfFloat32(edge) - 1) >= exact + (isWhole ? 0n : 1n))
        expect.fail(`${i + 1} of ${bins}`);
    }
  }
  const regions = new Regions(10, SOFT);
  expect([0, 0.5, below(0.5), 1].map((g) => regions.of(g))).toEqual([0, 5, 4, 9]);
});

test('margins have mirrored edges, and z = 0 begins the upper half', () => {
  for (const bins of [2, 7, 10, 1000]) {
    const edges = regionEdges(LOGITS, bins);
    expect(regionEdges(SOFTMAX, bins)).toEqual(edges);
    for (let j = 1; 2 * j < bins; j++) expect(edges[j - 1]).toBe(-below(edges[bins - j - 1]));
    if (bins % 2 === 0) expect(edges[bins / 2 - 1]).toBe(0);
  }
});

test('only logits are cut below 0', () => {
  const signed = (scale: Scale) => {
    const { thresholds } = partitionOf({ kind: 'float32', scale, bins: 30 });

    return [...thresholds].filter((bits) => bits >= 0x8000_0000 && !isNaNBits(bits)).length;
  };
  expect(EVERY.map((scale) => signed(scale) > 0)).toEqual([true, true, false, false, false]);
});

test('partitions of different scales are not taken for each other', () => {
  const thresholds = EVERY.map((scale) => partitionOf({ kind: 'float32', scale, bins: 10 }).thresholds.join());
  expect(new Set(thresholds).size).toBe(4);
});

describe('z and g', () => {
  test("are each other's inverse", () => {
    for (const scale of EVERY) {
      for (const g of [1e-12, 1e-5, 0.1, 0.25, 0.5, 0.7, 0.99, 0.9999]) {
        expect(Math.abs(gradientNorm(scale, coordinateAt(scale, g)) / g - 1), `${scaleName(scale)} ${g}`).toBeLessThan(
          1e-11,
        );
      }
    }
  });

  test('end where g is 0 and 1', () => {
    const ends = (scale: Scale) => [coordinateAt(scale, 0), coordinateAt(scale, 1)];
    expect(ends(LOGITS)).toEqual([-Infinity, Infinity]);
    expect(ends(boxes(0.02))).toEqual([0, Infinity]);
    expect(ends(SOFT)).toEqual([0, 1]);
    for (const scale of EVERY) expect(ends(scale).map((z) => gradientNorm(scale, z))).toEqual([0, 1]);
  });

  test('only a positive logit is turned round', () => {
    expect(coordinateOf(0, 3)).toBe(3);
    expect(coordinateOf(1, 3)).toBe(-3);
  });
});

test('scales have names, and fields of documents', () => {
  expect(EVERY.map(scaleName)).toEqual([
    'classification',
    'softmax',
    'classification with soft targets',
    'regression with mu 0.02',
    'regression with mu 3',
  ]);
  expect(EVERY.map(quantityOf)).toEqual(['margin', 'margin', 'norm', 'distance', 'distance']);
  for (const scale of EVERY) {
    expect(scaleOf(JSON.parse(JSON.stringify({ ...scale, bins: 30 })))).toEqual(scale);
    expect(EVERY.filter((other) => sameScale(scale, other))).toEqual([scale]);
  }
  expect(scaleOf({ task: 'regression' })).toEqual(boxes(0.02));
});

test.each([boxes(0.02), boxes(4), SOFT, SOFTMAX])('the kernels count every float32 around the edges of %j', (scale) => {
  for (const bins of [5, 10, 30, 1000]) {
    const regions = new Regions(bins, scale);
    const around = [...regionEdges(scale, bins)].flatMap((edge) => [
      below(edge),
      edge,
      float32OfBits(bitsOfFloat32(edge) + 1),
    ]);
    const z = Float32Array.from([0, 1, ...around].filter((value) => value >= 0 && value <= 1));
    const expected = new Array<number>(bins).fill(0);
    for (const value of z) expected[regions.of(value)]++;
    const counts = countBits(bins, new Uint32Array(z.buffer), new Uint8Array(z.length), scale);
    expect(regionCounts(counts, partitionOf(counts), bins)).toEqual({ counts: expected, uncertain: 0 });
  }
});

describe.each(EVERY)('the density of %j', (scale) => {
  const norms = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 });
  /** z of these gradient norms, as float32. */
  const countsOf = (g: readonly number[], bins: number) => {
    const z = Float32Array.from(g, (norm) => coordinateAt(scale, norm));
    return countBits(bins, new Uint32Array(z.buffer), new Uint8Array(z.length), scale);
  };

  test('shares N among the samples, and is never 0 where one is', () => {
    fc.assert(
      fc.property(norms, fc.constantFrom(1, 7, 30), fc.constantFrom('valid-bins', 'all-bins'), (g, bins, normalize) => {
        const options = { bins, normalize, maxWeight: undefined } as const;
        const { total, validBins, counts, beta, gradientDensity } = unitRegionDensity(countsOf(g, bins), options);
        expect(total).toBe(g.length);
        const shared = counts.reduce((sum, count, j) => sum + count * beta[j], 0);
        expect(shared).toBeCloseTo(normalize === 'valid-bins' ? total : (total * validBins) / bins, 8);
        expect(gradientDensity.every((density, j) => density > 0 === counts[j] > 0)).toBe(true);
        const meanOne = unitRegionDensity(countsOf(g, bins), { ...options, meanOne: true, maxWeight: 2 });
        expect(meanOne.counts.reduce((sum, count, j) => sum + count * meanOne.beta[j], 0)).toBeCloseTo(total, 8);
        expect(Math.max(...meanOne.beta)).toBeLessThanOrEqual(2);
        expect(meanOne).toMatchObject({ ...scale, meanOne: true, maxWeight: 2, normalize });
      }),
      { numRuns: 30 },
    );
  });

  test('gives a uniform gradient norm weights of 1', () => {
    const uniform = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
    const { beta } = unitRegionDensity(countsOf(uniform, 10), {
      bins: 10,
      normalize: 'all-bins',
      maxWeight: undefined,
    });
    expect(beta).toEqual(new Array(10).fill(1));
  });
});
