import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authenticSmoothL1, crossEntropy, focalLoss } from '../../src/density/loss.ts';
import { Regions } from '../../src/density/regions.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { countBits, countFloats } from './counting.ts';
import { detectorStream, type Labelled, labelledStreams } from './streams.ts';

const densityOf = ({ logits, codes }: Labelled, bins: number) =>
  unitRegionDensity(countFloats(bins, logits, codes), { bins, normalize: 'valid-bins', maxWeight: undefined });

/** Means of the three losses, sample by sample, from the definitions in p. */
function perSample(
  { logits, codes }: Labelled,
  bins: number,
  beta: readonly number[],
  { gamma, alpha } = { gamma: 2, alpha: 0.25 },
) {
  const regions = new Regions(bins, LOGITS);
  const sums = { ce: 0, focal: 0, ghmc: 0 };
  let total = 0;
  for (const [i, x] of logits.entries()) {
    if (codes[i] === 2) continue;
    const z = codes[i] === 1 ? -x : x;
    const wrong = 1 / (1 + Math.exp(-z));
    // -log p_t, written so that neither a p_t near 1 nor one near 0 loses its digits
    const ce = z > 20 ? z + Math.exp(-z) : -Math.log1p(-wrong);
    sums.ce += ce;
    sums.focal += (codes[i] === 1 ? alpha : 1 - alpha) * wrong ** gamma * ce;
    sums.ghmc += beta[regions.of(z)] * ce;
    total++;
  }
  return { ce: sums.ce / total, focal: sums.focal / total, ghmc: sums.ghmc / total };
}

describe('mean losses from cells', () => {
  test.each([
    [10, 1],
    [30, 2],
    [100, 3],
    [30, 4],
  ])('are within 1e-4 of the sums over samples, M = %i, seed %i', (bins, seed) => {
    const stream = detectorStream(400_000, seed);
    const { loss, beta } = densityOf(stream, bins);
    const expected = perSample(stream, bins, beta);
    for (const name of ['ce', 'focal', 'ghmc'] as const) {
      expect(Math.abs(Number(loss[name]) / expected[name] - 1), name).toBeLessThan(1e-4);
    }
  });

  test('are exact for float16, whose cells are single values', () => {
    const halves = Uint16Array.from({ length: 3000 }, (_, i) => 0x3800 + ((i * 7) % 0x0e00) + (i % 2) * 0x8000);
    const codes = Uint8Array.from(halves, (_, i) => (i % 7 === 0 ? 1 : 0));
    const logits = Float32Array.from(halves, (bits) => {
      const size = (1 + (bits & 0x3ff) / 1024) * 2 ** (((bits >> 10) & 31) - 15);
      return bits >> 15 ? -size : size;
    });
    const options = { bins: 30, normalize: 'valid-bins', maxWeight: undefined } as const;
    const { loss, beta } = unitRegionDensity(countBits(30, halves, codes), options);
    const expected = perSample({ logits, codes }, 30, beta);
    for (const name of ['ce', 'focal', 'ghmc'] as const) {
      expect(Math.abs(Number(loss[name]) / expected[name] - 1), name).toBeLessThan(1e-11);
    }
  });

  test('bfloat16 logits stored as float32 lie at one end of their cells: means are less exact', () => {
    const { logits, codes } = detectorStream(100_000, 5);
    const words = new Uint32Array(logits.buffer);
    for (let i = 0; i < words.length; i++) words[i] = (words[i] & 0xffff_0000) >>> 0;
    const { loss, lossErrorBound, beta } = densityOf({ logits, codes }, 30);
    const expected = perSample({ logits, codes }, 30, beta);
    for (const name of ['ce', 'focal', 'ghmc'] as const) {
      expect(Math.abs(Number(loss[name]) / expected[name] - 1), name).toBeLessThan(5e-3);
      expect(Math.abs(Number(loss[name]) - expected[name]), name).toBeLessThan(Number(lossErrorBound?.[name]));
    }
  });

  test('a constant logit, the worst case, is within the width of its cell', () => {
    // -log((1 - 0.01) / 0.01), where heads start
    const stream = { logits: new Float32Array(1000).fill(-4.59511985), codes: new Uint8Array(1000) };
    const { ce } = densityOf(stream, 30).loss;
    expect(Math.abs(Number(ce) / 0.01005033585 - 1)).toBeLessThan(2 ** -6);
  });

  test('are within their stated bound wherever samples lie in their cells, for any M, gamma and alpha', () => {
    fc.assert(
      fc.property(
        labelledStreams,
        fc.constantFrom([30, 30], [7, 30], [30, 7]),
        fc.constantFrom(0, 0.5, 2, 5),
        fc.constantFrom(0, 0.25, 1),
        (stream, [counted, bins], focalGamma, focalAlpha) => {
          const options = { bins, normalize: 'valid-bins', maxWeight: undefined, focalGamma, focalAlpha } as const;
          const density = unitRegionDensity(countFloats(counted, stream.logits, stream.codes), options);
          const { loss, lossErrorBound, beta } = density;
          expect(density.focal).toEqual({ gamma: focalGamma, alpha: focalAlpha });
          const expected = perSample(stream, bins, beta, { gamma: focalGamma, alpha: focalAlpha });
          for (const name of ['ce', 'focal', 'ghmc'] as const) {
            if (loss[name] === null) continue;
            const rounding = 1e-12 * expected[name];
            expect(Math.abs(Number(loss[name]) - expected[name]), name).toBeLessThanOrEqual(
              Number(lossErrorBound?.[name]) + rounding,
            );
          }
        },
      ),
    );
  });

  test('of float16 have no error to bound', () => {
    const halves = Uint16Array.of(0xc000, 0x3c00, 0x4400);
    const options = { bins: 30, normalize: 'valid-bins', maxWeight: undefined } as const;
    const { lossErrorBound } = unitRegionDensity(countBits(30, halves, Uint8Array.of(0, 1, 0)), options);
    expect(lossErrorBound).toEqual({ ce: 0, focal: 0, ghmc: 0 });
  });

  test('an infinite logit on the wrong side makes means infinite, said as null; on the right side it costs nothing', () => {
    const wrong = { logits: Float32Array.of(-5, Infinity), codes: Uint8Array.of(0, 0) };
    expect(densityOf(wrong, 10).loss).toMatchObject({ ce: null, focal: null, ghmc: null });
    expect(densityOf(wrong, 10).lossErrorBound).toEqual({ ce: null, focal: null, ghmc: null });
    const wrongPositive = { logits: Float32Array.of(-5, -Infinity), codes: Uint8Array.of(0, 1) };
    expect(densityOf(wrongPositive, 10).loss.ce).toBeNull();
    const right = { logits: Float32Array.of(-Infinity, Infinity), codes: Uint8Array.of(0, 1) };
    expect(densityOf(right, 10).loss).toMatchObject({ ce: 0, focal: 0, ghmc: 0 });
    expect(densityOf(right, 10).lossErrorBound).toEqual({ ce: 0, focal: 0, ghmc: 0 });
  });

  test('the largest logits have finite losses, the smallest have that of z = 0', () => {
    const largest = {
      logits: Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38),
      codes: Uint8Array.of(0, 0),
    };
    const { ce } = densityOf(largest, 10).loss;
    expect(Number(ce)).toBeGreaterThan(1.6e38);
    const smallest = { logits: Float32Array.of(2 ** -149, -0), codes: Uint8Array.of(0, 1) };
    expect(densityOf(smallest, 10).loss.ce).toBeCloseTo(Math.LN2, 14);
  });
});

test('cross entropy and focal loss keep their digits far out', () => {
  expect(crossEntropy(0)).toBe(Math.LN2);
  expect(crossEntropy(1000)).toBe(1000);
  expect(crossEntropy(-40)).toBe(Math.exp(-40));
  expect(crossEntropy(-1000)).toBe(0);
  expect(crossEntropy(Infinity)).toBe(Infinity);
  expect(crossEntropy(-Infinity)).toBe(0);
  expect(focalLoss(0, true)).toBeCloseTo(0.25 * 0.25 * Math.LN2, 15);
  expect(focalLoss(0, false)).toBeCloseTo(0.75 * 0.25 * Math.LN2, 15);
  expect(focalLoss(-Infinity, false)).toBe(0);
  expect(focalLoss(-1000, true)).toBe(0);
});

test('ASL1 keeps its digits from the smallest distances to the largest', () => {
  expect(authenticSmoothL1(0, 0.02)).toBe(0);
  expect(authenticSmoothL1(3, 4)).toBe(1);
  // d^2 / (2 mu) near 0, d - mu far out
  expect(authenticSmoothL1(1e-12, 0.02) / (1e-24 / 0.04)).toBeCloseTo(1, 12);
  expect(authenticSmoothL1(1e12, 0.02)).toBe(1e12 - 0.02);
  expect(authenticSmoothL1(3e38, 1)).toBe(3e38);
  expect(authenticSmoothL1(Infinity, 0.02)).toBe(Infinity);
});
