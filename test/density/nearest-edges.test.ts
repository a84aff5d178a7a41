import { describe, expect, test } from 'vitest';
import { bitsOfFloat32 } from '../../src/density/cell-values.ts';
import { marginAtOrAbove, marginOf } from '../../src/density/scale-edges.ts';
import { edge, fixedOfDouble, fixedOfFloat32Bits, OracleRegions } from './oracle.ts';

// The claim of marginAtOrAbove: no edge of any M up to 10,000 is so near a float32 that double precision puts it on the
// wrong side. All 25 million edges are compared in doubles; the few within 64 units of the last place of a float32 are
// settled with 256 bits.

const MOST = 10_000;
const NEAR_ULPS = 64;

const scratch = new DataView(new ArrayBuffer(8));

/** Unit in the last place of a positive double. */
function ulp(value: number): number {
  scratch.setFloat64(0, value);
  return 2 ** (((scratch.getUint32(0) >>> 20) & 0x7ff) - 1075);
}

interface NearEdge {
  readonly j: number;
  readonly bins: number;
}

function nearEdges(): { compared: number; near: NearEdge[] } {
  const near: NearEdge[] = [];
  let compared = 0;
  for (let bins = 1; bins <= MOST; bins++) {
    for (let j = (bins >> 1) + 1; j < bins; j++) {
      const z = marginOf(j, bins);
      compared++;
      // 2^-52 z is an ulp or two: a cheap test lets only the near ones through to the exact one
      const distance = Math.abs(z - Math.fround(z));
      if (distance <= NEAR_ULPS * 2 ** -52 * z && distance <= NEAR_ULPS * ulp(z)) near.push({ j, bins });
    }
  }
  return { compared, near };
}

describe('edges of every M up to 10,000', () => {
  const { compared, near } = nearEdges();

  test('few come within 64 double ulps of a float32, and all of those are put on their right side', () => {
    expect(compared).toBe(24_995_000);
    // 25 million times 128 ulps of 2^29 between two float32 make six; none would mean that none was looked for
    expect(near.length).toBeGreaterThan(0);
    expect(near.length).toBeLessThan(40);
    for (const { j, bins } of near) {
      const exact = edge(j, bins);
      const bits = bitsOfFloat32(marginAtOrAbove(j, bins));
      expect(fixedOfFloat32Bits(bits) > exact, `edge ${j} of ${bins}: at or above`).toBe(true);
      expect(fixedOfFloat32Bits(bits - 1) < exact, `edge ${j} of ${bins}: the smallest`).toBe(true);
    }
  });

  test('no edge comes nearer to a float32 than two double ulps', () => {
    for (const { j, bins } of near) {
      const exact = edge(j, bins);
      const double = marginOf(j, bins);
      const nearest = fixedOfFloat32Bits(bitsOfFloat32(Math.fround(double)));
      const distance = exact > nearest ? exact - nearest : nearest - exact;
      expect(distance > 2n * fixedOfDouble(ulp(double)), `edge ${j} of ${bins}`).toBe(true);
    }
  });
});

test('the double edges of all M, one in 20,011, are within two units of their last place', () => {
  for (let bins = 1; bins <= MOST; bins++) {
    for (let j = (bins >> 1) + 1 + ((bins * 7919) % 20_011); j < bins; j += 20_011) {
      const double = marginOf(j, bins);
      const error = fixedOfDouble(double) - edge(j, bins);
      const two = 2n * fixedOfDouble(ulp(double));
      if (error > two || error < -two) expect.fail(`edge ${j} of ${bins}`);
    }
  }
});

test.each([2, 3, 7, 30, 100, 999, 1000, 9999, 10_000])(
  'the double edges of M = %i are within 2^-51 of the true ones',
  (bins) => {
    const { edges } = new OracleRegions(bins);
    for (let j = (bins >> 1) + 1; j < bins; j++) {
      const double = fixedOfDouble(marginOf(j, bins));
      const error = double > edges[j - 1] ? double - edges[j - 1] : edges[j - 1] - double;
      if (error << 51n > edges[j - 1]) expect.fail(`edge ${j}: relative error above 2^-51`);
    }
  },
);
