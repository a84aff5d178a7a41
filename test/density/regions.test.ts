import { describe, expect, test } from 'vitest';
import { bitsOfFloat32, float32OfBits } from '../../src/density/cell-values.ts';
import { partitionOf } from '../../src/density/partition.ts';
import { piecesOf } from '../../src/density/pieces.ts';
import { Regions, regionCounts } from '../../src/density/regions.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { SPECIAL_BITS } from '../kernels/special-floats.ts';
import { countBits } from './counting.ts';
import { bitsAround, EVERY_M, isNaNBits, OracleRegions } from './oracle.ts';

describe.each(EVERY_M)('the regions of M = %i are those of the oracle', (bins) => {
  const oracle = new OracleRegions(bins);
  const samples = [...SPECIAL_BITS, ...bitsAround(oracle, bitsOfFloat32)];
  const partition = partitionOf({ kind: 'float32', scale: LOGITS, bins });

  test('for the margins around every edge, for zeros, subnormals and infinities', () => {
    const regions = new Regions(bins, LOGITS);
    for (const bits of samples) {
      if (isNaNBits(bits)) continue;
      const x = float32OfBits(bits);
      if (regions.of(x) !== oracle.ofSample(bits, false)) expect.fail(`negative ${x}: ${regions.of(x)}`);
      if (regions.of(-x) !== oracle.ofSample(bits, true)) expect.fail(`positive ${x}: ${regions.of(-x)}`);
    }
  });

  test('each threshold is the first float32 behind its edge, on both sides of 0', () => {
    const edges = [...partition.thresholds].filter((bits) => {
      const size = bits & 0x7fff_ffff;
      return size !== 1 && size !== 0x7f80_0001;
    });
    for (const bits of edges) {
      const [here, before] = [bits, bits - 1].map((b) => oracle.ofSample(b, false));
      expect(Math.abs(here - before)).toBe(1);
    }
    // an edge of which the first float32 behind it starts a cell needs no threshold
    const starts = samples.filter(
      (bits) =>
        (bits & 0xffff) === 0 &&
        bits % 0x8000_0000 !== 0 &&
        !isNaNBits(bits) &&
        oracle.ofSample(bits, false) !== oracle.ofSample(bits - 1, false),
    );
    const upper = bins - 1 - Math.floor(bins / 2);
    expect(edges.length + new Set(starts).size).toBe(2 * upper);
    expect(partition.thresholds.toSorted()).toEqual(partition.thresholds);
    expect(new Set(partition.thresholds).size).toBe(partition.thresholds.length);
  });

  test('counted by the kernels and read as pieces, every sample is in its region', () => {
    const twice = Uint32Array.from([...samples, ...samples]);
    const codes = Uint8Array.from(twice, (_, i) => (i < samples.length ? 0 : 1));
    const expected = new Array<number>(bins).fill(0);
    let nan = 0;
    for (const [i, bits] of twice.entries()) {
      const region = oracle.ofSample(bits, codes[i] === 1);
      if (region < 0) nan++;
      else expected[region]++;
    }
    const counts = countBits(bins, twice, codes);
    expect(counts.ignored).toBe(nan);
    expect(regionCounts(counts, partition, bins)).toEqual({ counts: expected, uncertain: 0 });

    // and no piece spans two regions
    for (const piece of piecesOf(counts, partition)) {
      const [first, last] = [piece.firstBits, piece.lastBits].map((bits) => oracle.ofSample(bits, piece.label === 1));
      if (first !== last || first < 0) expect.fail(`piece ${piece.firstBits}..${piece.lastBits}: ${first}, ${last}`);
    }
  });

  test('all 65,536 float16 logits of both labels are in their regions', () => {
    const halves = Uint16Array.from({ length: 2 * 65_536 }, (_, i) => i & 0xffff);
    const codes = Uint8Array.from(halves, (_, i) => i >> 16);
    const expected = new Array<number>(bins).fill(0);
    for (const [i, half] of halves.entries()) {
      const region = oracle.ofSample(widened(half), codes[i] === 1);
      if (region >= 0) expected[region]++;
    }
    const counts = countBits(bins, halves, codes);
    expect(counts.ignored).toBe(4 * 1023);
    expect(regionCounts(counts, partitionOf({ kind: 'float16', scale: LOGITS, bins }), bins)).toEqual({
      counts: expected,
      uncertain: 0,
    });
  });
});

/** Bits of the float32 of a float16, from the two formats: exponents differ by 112, subnormals are normalised. */
function widened(half: number): number {
  const sign = (half >>> 15) * 0x8000_0000;
  const exponent = (half >> 10) & 31;
  let fraction = half & 0x3ff;
  if (exponent === 31) return sign + 0x7f80_0000 + (fraction << 13);
  if (exponent > 0) return sign + ((exponent + 112) << 23) + (fraction << 13);
  if (fraction === 0) return sign;
  let shifted = 113;
  for (; fraction < 0x400; fraction *= 2) shifted--;
  return sign + (shifted << 23) + ((fraction & 0x3ff) << 13);
}

test('float16 of either zero is g = 0.5, the first region of the upper half', () => {
  const counts = countBits(2, Uint16Array.of(0, 0x8000, 0, 0x8000), Uint8Array.of(0, 0, 1, 1));
  expect(regionCounts(counts, partitionOf({ kind: 'float16', scale: LOGITS, bins: 2 }), 2).counts).toEqual([0, 4]);
});
