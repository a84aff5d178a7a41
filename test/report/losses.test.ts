import { describe, expect, it } from 'vitest';
import { crossEntropy, focalLoss } from '../../src/density/loss.ts';
import { focalGradientNorm, gradientNorm, marginOf } from '../../src/report/html/losses.ts';

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

  it('finds the margin of a gradient norm', () => {
    expect(gradientNorm(marginOf(0.3))).toBeCloseTo(0.3, 15);
    expect(marginOf(1)).toBe(Infinity);
  });
});
