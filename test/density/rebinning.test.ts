import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partitionOf } from '../../src/density/partition.ts';
import { regionCounts } from '../../src/density/regions.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { countBits, countFloats } from './counting.ts';
import { detectorStream, type Labelled, labelledStreams } from './streams.ts';

const rebinned = ({ logits, codes }: Labelled, from: number, to: number) =>
  regionCounts(countFloats(from, logits, codes), partitionOf({ kind: 'float32', scale: LOGITS, bins: from }), to);
const exact = (stream: Labelled, bins: number) => rebinned(stream, bins, bins).counts;
/** Samples that stand beside their own region: half of all differences, were each of them seen. */
const misplaced = (a: readonly number[], b: readonly number[]) =>
  a.reduce((total, count, j) => total + Math.abs(count - b[j]), 0) / 2;

describe('region counts for another M than the counted one', () => {
  test('what is uncertain bounds what is misplaced', () => {
    const bins = fc.constantFrom(1, 2, 3, 7, 10, 29, 30, 31, 100, 1000);
    fc.assert(
      fc.property(labelledStreams, bins, bins, (stream, from, to) => {
        const { counts, uncertain } = rebinned(stream, from, to);
        const truth = exact(stream, to);
        expect(misplaced(counts, truth)).toBeLessThanOrEqual(uncertain);
        expect(counts.reduce((a, b) => a + b, 0)).toBe(truth.reduce((a, b) => a + b, 0));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [30, 7],
    [30, 100],
    [100, 30],
    [7, 1000],
    [1, 3],
  ])('on a realistic stream too, from %i to %i', (from, to) => {
    const stream = detectorStream(200_000, from);
    const { counts, uncertain } = rebinned(stream, from, to);
    expect(misplaced(counts, exact(stream, to))).toBeLessThanOrEqual(uncertain);
    expect(uncertain).toBeGreaterThan(0);
    // a cell is 1/128 of its power of two: most samples lie in cells that no edge cuts
    expect(uncertain).toBeLessThan(200_000 * 0.2);
  });

  test.each([
    [30, [1, 2, 3, 5, 6, 10, 15, 30]],
    [100, [1, 2, 4, 5, 10, 20, 25, 50]],
    [7, [1, 7]],
    [10_000, [1, 16, 100, 625, 5000]],
  ])('a divisor of %i is exact', (from, divisors) => {
    const stream = detectorStream(60_000, from);
    for (const to of divisors) {
      const { counts, uncertain } = rebinned(stream, from, to);
      expect(uncertain).toBe(0);
      expect(counts).toEqual(exact(stream, to));
    }
  });

  test('the edge at z = 0 is uncertain only where it was not counted for', () => {
    const zeros = Uint32Array.of(0, 0x8000_0000, 1, 0x8000_0001, 0, 0x8000_0000, 1, 0x8000_0001);
    const codes = Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    const counted = (bins: number) =>
      regionCounts(countBits(bins, zeros, codes), partitionOf({ kind: 'float32', scale: LOGITS, bins }), 2);
    expect(counted(2)).toEqual({ counts: [2, 6], uncertain: 0 });
    expect(counted(7).uncertain).toBe(4);
  });

  test('float16 counts are exact for any M', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
    const codes = Uint8Array.from(halves, (bits) => bits % 2);
    const counts = (from: number, to: number) =>
      regionCounts(countBits(from, halves, codes), partitionOf({ kind: 'float16', scale: LOGITS, bins: from }), to);
    for (const to of [1, 7, 100, 9999]) expect(counts(30, to)).toEqual({ ...counts(to, to), uncertain: 0 });
  });
});
