import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitsOfFloat32 } from '../../src/density/cell-values.ts';
import type { Density } from '../../src/density/density.ts';
import { placeOfBits } from '../../src/density/ordered-bits.ts';
import type { Scale } from '../../src/density/scale.ts';
import { windowDensity } from '../../src/density/window.ts';
import { pieceAt } from '../../src/density/window-table.ts';
import { mergeCounts } from '../../src/partial/merge-counts.ts';
import { countFloats } from './counting.ts';
import { countForWindows } from './fine-counting.ts';
import { sortedBeta } from './sorted-window.ts';
import { detectorStream, type Labelled, labelledStreams, marginsOf } from './streams.ts';

const options = (epsilon: number, more: object = {}) => ({ bins: 30, epsilon, maxWeight: undefined, ...more });

/** What a density says of each z: its weight and the bound of its error. */
function lookUp({ window }: Density, z: readonly number[]): { weight: number; bound: number }[] {
  if (window === undefined) throw new Error('no window');
  const { from, beta, errorBound } = window.pieces;
  const places = Uint32Array.from(from, placeOfBits);
  return z.map((one) => {
    const piece = pieceAt(places, placeOfBits(bitsOfFloat32(one)));
    return { weight: beta[piece], bound: errorBound[piece] };
  });
}

/** Every true beta lies within the bound of its sample, and the two of all samples are what density.json says. */
function expectWithinBounds(density: Density, z: readonly number[], norm?: (z: number) => number): void {
  const found = lookUp(density, z);
  const { max = -1, mean = -1 } = density.window?.errorBound ?? {};
  const beta = sortedBeta(z, density.window?.epsilon ?? 0, norm);
  // the bounds of pieces are rounded up to three digits
  const beyond = found.flatMap(({ weight, bound }, i) =>
    weight > 0 && Math.abs(beta[i] / weight - 1) <= bound + 1e-12 && bound <= max * 1.01 ? [] : [{ z: z[i], weight }],
  );
  expect(beyond).toEqual([]);
  const sum = found.reduce((total, { bound }) => total + bound, 0);
  expect(mean).toBeGreaterThanOrEqual((sum / z.length) * 0.99);
}

const epsilons = fc.double({ min: 1e-6, max: 1.99, noNaN: true });

test('the true beta of every sample lies within its bound, however few they are and whatever they are', () => {
  fc.assert(
    fc.property(labelledStreams, epsilons, fc.constantFrom(19, 21, 23), (stream, epsilon, bits) => {
      const z = marginsOf(stream);
      expectWithinBounds(windowDensity(countForWindows(stream, bits), options(epsilon)), z);
      expectWithinBounds(windowDensity(countFloats(30, stream.logits, stream.codes), options(epsilon)), z);
    }),
    { numRuns: 100 },
  );
});

describe('a long-tailed stream of 30,000', () => {
  const stream = detectorStream(30_000, 1);
  const z = marginsOf(stream);

  test.each([1 / 30, 1])('epsilon %d: within bounds, and closer with more bits', (epsilon) => {
    const errors = [19, 21, 23].map((bits) => {
      const density = windowDensity(countForWindows(stream, bits), options(epsilon));
      expectWithinBounds(density, z);
      return density.window?.errorBound.mean ?? 0;
    });
    expect(errors[1]).toBeLessThan(errors[0] / 1.5);
    expect(errors[2]).toBeLessThan(errors[1] / 1.5);
    const coarse = windowDensity(countFloats(30, stream.logits, stream.codes), options(epsilon));
    expectWithinBounds(coarse, z);
    expect(coarse.window?.errorBound.max).toBeGreaterThan(0);
    expect(coarse.window?.fineBits).toBeUndefined();
  });

  test('mean losses are those of the per-sample sums', () => {
    const { loss } = windowDensity(countForWindows(stream), options(0.1));
    const beta = sortedBeta(z, 0.1);
    const sum = z.reduce(
      (total, one, i) => total + beta[i] * (Math.max(one, 0) + Math.log1p(Math.exp(-Math.abs(one)))),
      0,
    );
    expect(Math.abs((loss.ghmc ?? 0) / (sum / z.length) - 1)).toBeLessThan(1e-4);
  });

  test('the mean loss of the weights lies within its bound, and the bound is no wild one', () => {
    for (const counts of [countForWindows(stream, 19), countFloats(30, stream.logits, stream.codes)]) {
      const density = windowDensity(counts, options(0.1));
      const { ghmc } = density.loss;
      const bound = Number(density.lossErrorBound?.ghmc);
      const sum = lookUp(density, z).reduce((total, { weight }, i) => total + weight * Math.log1p(Math.exp(z[i])), 0);
      expect(Math.abs(Number(ghmc) - sum / z.length)).toBeLessThanOrEqual(bound);
      expect(bound).toBeLessThan(0.05 * Number(ghmc));
    }
  });

  test('listed points, regions and counts are where samples are', () => {
    const density = windowDensity(countForWindows(stream), options(0.1));
    const { g = [], gradientDensity = [], beta = [] } = density.window ?? {};
    expect(g.length).toBeGreaterThan(150);
    expect(g.length).toBeLessThanOrEqual(200);
    for (const i of g.keys()) expect(gradientDensity[i] * beta[i]).toBeCloseTo(z.length, 6);
    expect(g).toEqual(g.toSorted((a, b) => a - b));
    expect(density.counts.reduce((sum, count) => sum + count)).toBe(z.length);
    expect(density.beta.every((weight, j) => weight > 0 === density.counts[j] > 0)).toBe(true);
    expect(density.normalize).toBeUndefined();
  });

  test('a limit clips the weights, and a mean of 1 is one', () => {
    const density = windowDensity(countForWindows(stream), options(0.1, { maxWeight: 20, meanOne: true }));
    const weights = lookUp(density, z).map(({ weight }) => weight);
    expect(Math.max(...weights)).toBeLessThanOrEqual(20);
    expect(weights.reduce((sum, weight) => sum + weight) / weights.length).toBeCloseTo(1, 3);
    expect(density).toMatchObject({ maxWeight: 20, meanOne: true });
  });

  test('of any split, merged, it is the same', () => {
    const whole = windowDensity(countForWindows(stream), options(0.1));
    const parts = [
      [0, 1],
      [1, 29_000],
      [29_000, 30_000],
    ].map(([from, to], i) => ({
      name: `${i}`,
      counts: countForWindows({ logits: stream.logits.slice(from, to), codes: stream.codes.slice(from, to) }),
    }));
    expect(windowDensity(mergeCounts(parts), options(0.1))).toEqual(whole);
    expect(windowDensity(mergeCounts(parts.toReversed()), options(0.1))).toEqual(whole);
  });
});

const negatives = (z: readonly number[]): Labelled => ({
  logits: Float32Array.from(z),
  codes: new Uint8Array(z.length),
});

test.each([0.1, 2])('samples that are uniform in g weigh 1, epsilon %d', (epsilon) => {
  const n = 5000;
  const stream = negatives(Array.from({ length: n }, (_, i) => Math.log((i + 0.5) / (n - i - 0.5))));
  const density = windowDensity(countForWindows(stream), options(epsilon));
  // where the window is cut off, it holds a sample more or less than its length asks for
  const found = lookUp(density, [...stream.logits]);
  expect(found.filter(({ weight, bound }) => Math.abs(weight - 1) > bound + 3 / (n * epsilon))).toEqual([]);
});

test('a window of width 2 covers everything: all weigh 1, without doubt', () => {
  fc.assert(
    fc.property(labelledStreams, (stream) => {
      const z = marginsOf(stream).filter(Number.isFinite);
      fc.pre(z.length > 0);
      const density = windowDensity(countForWindows(negatives(z)), options(2));
      expect(density.window?.errorBound).toEqual({ max: 0, mean: 0 });
      for (const { weight } of lookUp(density, z)) expect(weight).toBe(1);
    }),
    { numRuns: 20 },
  );
});

test('both ends of a window at the ends of g: the upper one is open at 1, unless it lies beyond', () => {
  const { NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high } = Number;
  const stream = negatives([low, low, 0, 0, 0, high]);
  // eps = 1: around g = 0 [0, 0.5), around 0.5 [0, 1), around 1 [0.5, 1]
  const weights = lookUp(windowDensity(countForWindows(stream), options(1)), [low, 0, high]);
  expect(weights.map(({ weight }) => weight)).toEqual([(6 * 0.5) / 2, 6 / 5, (6 * 0.5) / 4]);
  expect(weights.map(({ bound }) => bound)).toEqual([0, 0, 0]);
});

test('equal samples share one window, of any width', () => {
  for (const epsilon of [1e-9, 0.1, 2]) {
    const stream = negatives(new Array(1000).fill(-3));
    const [{ weight }] = lookUp(windowDensity(countForWindows(stream), options(epsilon)), [-3]);
    const g = 1 / (1 + Math.exp(3));
    const length = Math.min(g + epsilon / 2, 1) - Math.max(g - epsilon / 2, 0);
    if (epsilon === 1e-9) expect(weight).toBeGreaterThan(0);
    else expect(weight).toBeCloseTo(length, 9);
  }
});

test.each<[string, Scale, (z: number) => number]>([
  ['distances', { task: 'regression', mu: 0.02 }, (d) => d / Math.hypot(d, 0.02)],
  ['gradient norms', { task: 'classification', softTargets: true }, (g) => g],
])('%s are counted and weighed on their own scale', (_, scale, norm) => {
  const isDistance = scale.task === 'regression';
  const { logits } = detectorStream(2000, 2);
  const x = logits.map((logit) => (isDistance ? 0.02 * Math.exp(logit / 3) : 1 / (1 + Math.exp(-logit))));
  const counts = countForWindows({ logits: x, codes: new Uint8Array(x.length) }, 21, scale);
  for (const epsilon of [0.02, 0.1, 1]) {
    const density = windowDensity(counts, options(epsilon));
    expectWithinBounds(density, [...x], norm);
    expect(density.window?.errorBound.max).toBeLessThan(0.2);
    expect(density.task).toBe(scale.task);
  }
});

test('beyond the reach of every sample the weight is 0', () => {
  const density = windowDensity(countForWindows(negatives([-4, -3.9])), options(0.01));
  const [far, near] = lookUp(density, [3, -4]);
  expect(far).toEqual({ weight: 0, bound: 0 });
  expect(near.weight).toBeGreaterThan(0);
});
