import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Regions } from '../../src/density/regions.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { type UnitRegionOptions, unitRegionDensity } from '../../src/density/unit-regions.ts';
import { countFloats } from './counting.ts';
import { type Labelled, labelledStreams, marginsOf } from './streams.ts';

const BINS = [1, 2, 7, 10, 30, 100];
const anyBins = fc.constantFrom(...BINS);
const densityOf = ({ logits, codes }: Labelled, bins: number, options: Partial<UnitRegionOptions> = {}) =>
  unitRegionDensity(countFloats(bins, logits, codes), {
    bins,
    normalize: 'valid-bins',
    maxWeight: undefined,
    ...options,
  });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const runs = { numRuns: 30 };

describe('density over unit regions', () => {
  test('counts are those of every sample by itself', () => {
    fc.assert(
      fc.property(labelledStreams, anyBins, (stream, bins) => {
        const regions = new Regions(bins, LOGITS);
        const expected = new Array<number>(bins).fill(0);
        for (const z of marginsOf(stream)) expected[regions.of(z)]++;
        const density = densityOf(stream, bins);
        expect(density.counts).toEqual(expected);
        expect(density.total).toBe(sum(expected));
        expect(density.ignored).toBe(stream.logits.length - density.total);
        expect(density.validBins).toBe(expected.filter((count) => count > 0).length);
        expect(density.gradientDensity).toEqual(expected.map((count) => count * bins));
        expect(density.edges).toHaveLength(bins + 1);
        expect(density.edges[bins]).toBe(1);
      }),
      runs,
    );
  });

  test('with valid-bins the weights of all samples sum to N', () => {
    fc.assert(
      fc.property(labelledStreams, anyBins, (stream, bins) => {
        const { counts, beta, total } = densityOf(stream, bins);
        expect(sum(counts.map((count, j) => count * beta[j])) / total).toBeCloseTo(1, 12);
      }),
      runs,
    );
  });

  test('all-bins weighs as valid-bins times n / M', () => {
    fc.assert(
      fc.property(labelledStreams, anyBins, (stream, bins) => {
        const valid = densityOf(stream, bins);
        const all = densityOf(stream, bins, { normalize: 'all-bins' });
        expect(all.counts).toEqual(valid.counts);
        for (const [j, beta] of all.beta.entries()) {
          expect(beta).toBeCloseTo((valid.beta[j] * valid.validBins) / bins, 12);
        }
      }),
      runs,
    );
  });

  test('a largest weight clips, and changes no weight below it', () => {
    fc.assert(
      fc.property(
        labelledStreams,
        anyBins,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (stream, bins, maxWeight) => {
          const free = densityOf(stream, bins);
          const clipped = densityOf(stream, bins, { maxWeight });
          expect(clipped.beta).toEqual(free.beta.map((beta) => Math.min(beta, maxWeight)));
          expect(clipped.maxWeight).toBe(maxWeight);
          expect('maxWeight' in free).toBe(false);
        },
      ),
      runs,
    );
  });

  test('the order of samples does not matter, to the last bit', () => {
    fc.assert(
      fc.property(labelledStreams, anyBins, (stream, bins) => {
        const reversed = { logits: stream.logits.toReversed(), codes: stream.codes.toReversed() };
        expect(JSON.stringify(densityOf(reversed, bins))).toBe(JSON.stringify(densityOf(stream, bins)));
      }),
      runs,
    );
  });

  test.each(BINS)('gradient norms spread evenly weigh 1, M = %i', (bins) => {
    // one sample in the middle of each region, of either label
    const middles = Array.from({ length: bins }, (_, j) => Math.log((j + 0.5) / (bins - j - 0.5)));
    const logits = Float32Array.from([...middles, ...middles.map((z) => -z)]);
    const codes = Uint8Array.from(logits, (_, i) => (i < bins ? 0 : 1));
    const density = densityOf({ logits, codes }, bins);
    expect(density.counts).toEqual(new Array(bins).fill(2));
    expect(density.beta).toEqual(new Array(bins).fill(1));
    expect(density.loss.ghmc).toBeCloseTo(Number(density.loss.ce), 14);
  });

  test('all samples in one region weigh 1, or 1/M with all-bins; empty regions weigh 0', () => {
    const stream = { logits: new Float32Array(9).fill(-20), codes: new Uint8Array(9) };
    expect(densityOf(stream, 10).beta).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(densityOf(stream, 10, { normalize: 'all-bins' }).beta[0]).toBe(0.1);
  });

  test('the keys of a density stand in their order, options that were not given are absent', () => {
    const stream = { logits: Float32Array.of(1), codes: Uint8Array.of(0) };
    expect(Object.keys(densityOf(stream, 2)).join(' ')).toBe(
      'schema task method bins normalize total ignored validBins edges counts gradientDensity beta loss lossErrorBound focal',
    );
  });
});
