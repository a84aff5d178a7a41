import { describe, expect, it } from 'vitest';
import { crossEntropy, focalLoss } from '../../src/density/loss.ts';
import { LOGITS, gradientNorm as normOnScale } from '../../src/density/scale.ts';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { comparedLosses, focalGradientNorm } from '../../src/report/html/losses.ts';
import { countSamples } from './sample.ts';

const gradientNorm = (z: number): number => normOnScale(LOGITS, z);

const slope = (loss: (z: number) => number, z: number): number => (loss(z + 1e-5) - loss(z - 1e-5)) / 2e-5;

describe('gradient norms of the losses', () => {
  it.each([-12, -3, -0.5, 0, 0.1, 2, 7])('are the slopes of the losses at z = %d', (z) => {
    expect(gradientNorm(z)).toBeCloseTo(slope(crossEntropy, z), 8);
    // of a negative, whose alpha is 0.75
    expect(0.75 * focalGradientNorm(z)).toBeCloseTo(
      slope((at) => focalLoss(at, false), z),
      8,
    );
  });

  it('has the hand-computed value at z = 0: g = 1/2, (1/4)(1/2 + ln 2)', () => {
    expect(focalGradientNorm(0)).toBeCloseTo(0.25 * (0.5 + Math.LN2), 15);
  });

  it('is 0 and 1 at the infinities', () => {
    expect([gradientNorm(-Infinity), gradientNorm(Infinity)]).toEqual([0, 1]);
    expect([focalGradientNorm(-Infinity), focalGradientNorm(Infinity)]).toEqual([0, 1]);
  });

  it.each([0, 0.5, 1, 5])('follow the exponent gamma = %d', (gamma) => {
    for (const z of [-3, 0.5, 4]) {
      const expected = slope((at) => focalLoss(at, true, { gamma, alpha: 1 }), z);
      expect(focalGradientNorm(z, gamma)).toBeCloseTo(expected, 8);
    }
  });
});

describe('the losses that are compared', () => {
  const density = unitRegionDensity(countSamples([[1, true]], 4), {
    bins: 4,
    normalize: 'valid-bins',
    maxWeight: undefined,
    focalGamma: 3,
    focalAlpha: 0.4,
  });

  it('have the constants of the density', () => {
    const losses = comparedLosses(density);
    expect(losses.map(({ key }) => key)).toEqual(['ce', 'focal', 'ghmc']);
    const [, focal] = losses;
    expect(focal.norm(0.5)).toBe(focalGradientNorm(0.5, 3));
    expect([focal.factor(true), focal.factor(false)]).toEqual([0.4, 0.6]);
  });

  it('are those of the task', () => {
    expect(comparedLosses({ ...density, task: 'regression', mu: 0.02 }).map(({ key }) => key)).toEqual([
      'asl1',
      'ghmr',
    ]);
    expect(comparedLosses({ ...density, softTargets: true }).map(({ key }) => key)).toEqual(['ce', 'ghmc']);
    const [, focal] = comparedLosses({ ...density, task: 'softmax', focal: { gamma: 2 } });
    expect(focal.factor(false)).toBe(1);
  });
});
