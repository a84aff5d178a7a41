import { describe, expect, it } from 'vitest';
import { bitsOfFloat32 } from '../../src/density/cell-values.ts';
import { placeOfBits, valueOfPlace } from '../../src/density/ordered-bits.ts';
import { gradientNorm, LOGITS, type Scale } from '../../src/density/scale.ts';
import { leastOf } from '../../src/outliers/least.ts';

const SCALES: readonly Scale[] = [
  LOGITS,
  { task: 'softmax' },
  { task: 'regression', mu: 0.02 },
  { task: 'classification', softTargets: true },
];

describe.each(SCALES)('%j', (scale) => {
  it.each([1e-30, 0.03, 0.5, 0.97, 0.999999, 1])('z from %d on is that of the norm as printed', (minG) => {
    const z = leastOf(scale, minG);
    expect(z).toBe(Math.fround(z));
    expect(gradientNorm(scale, z)).toBeGreaterThanOrEqual(minG);
    const before = valueOfPlace(placeOfBits(bitsOfFloat32(z)) - 1);
    expect(gradientNorm(scale, before)).toBeLessThan(minG);
  });
});

it('0 is every sample', () => {
  expect(leastOf(LOGITS, 0)).toBe(-Infinity);
  expect(leastOf({ task: 'regression', mu: 1 }, 0)).toBe(0);
});
