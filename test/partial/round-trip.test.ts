import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitsOfFloat32 } from '../../src/density/cell-values.ts';
import type { CellCounts } from '../../src/density/cells.ts';
import { partitionOf } from '../../src/density/partition.ts';
import { piecesOf } from '../../src/density/pieces.ts';
import { LOGITS, type Scale, scaleName } from '../../src/density/scale.ts';
import { entryOfPiece, noSoftLosses, setUnits, type UnitSums } from '../../src/density/soft-losses.ts';
import { mergeCounts, widenCounts } from '../../src/partial/merge-counts.ts';
import { decodePartial, encodePartial } from '../../src/partial/partial-file.ts';
import { countBits } from '../density/counting.ts';
import {
  count16,
  count32,
  expectSameCounts,
  float16Samples,
  float32Samples,
  type Samples,
  widenBits,
} from './any-counts.ts';

const BINS = [1, 7, 30];
const named = (all: readonly ReturnType<typeof count32>[]) => all.map((counts, i) => ({ name: `${i}.json`, counts }));
const joined = (all: readonly Samples[]): Samples => ({
  bits: all.flatMap(({ bits }) => bits),
  codes: all.flatMap(({ codes }) => codes),
});
const runs = { numRuns: 15 };

describe.each(BINS)('partials of M = %i', (bins) => {
  test('decode to the counts they were made of, and encode to the same bytes again', async () => {
    await fc.assert(
      fc.asyncProperty(float32Samples(bins), async (samples) => {
        const counts = count32(bins, samples);
        const text = encodePartial(counts);
        const decoded = await decodePartial(JSON.parse(text), 'a.json');
        expectSameCounts(decoded, counts);
        expect(encodePartial(decoded)).toBe(text);
      }),
      runs,
    );
    await fc.assert(
      fc.asyncProperty(float16Samples, async (samples) => {
        const counts = count16(bins, samples);
        expectSameCounts(await decodePartial(JSON.parse(encodePartial(counts)), 'a.json'), counts);
      }),
      runs,
    );
  });

  test('of any split, merged in any order and grouping, are the bytes of counting all at once', () => {
    fc.assert(
      fc.property(fc.array(float32Samples(bins), { minLength: 1, maxLength: 5 }), fc.nat(), (parts, turn) => {
        const whole = encodePartial(count32(bins, joined(parts)));
        const counts = parts.map((part) => count32(bins, part));
        const turned = [...counts.slice(turn % counts.length), ...counts.slice(0, turn % counts.length)];
        expect(encodePartial(mergeCounts(named(turned)))).toBe(whole);
        expect(encodePartial(mergeCounts(named(turned.toReversed())))).toBe(whole);
        // two by two
        const folded = turned.reduce((sum, next) => mergeCounts(named([next, sum])));
        expect(encodePartial(folded)).toBe(whole);
      }),
      { numRuns: 8 },
    );
  });

  test('of float16 among those of float32 are merged as if their values had been float32', () => {
    fc.assert(
      fc.property(float32Samples(bins), float16Samples, float16Samples, (singles, halves, more) => {
        const widened = (samples: Samples): Samples => ({ ...samples, bits: samples.bits.map(widenBits) });
        const whole = encodePartial(count32(bins, joined([singles, widened(halves), widened(more)])));
        const [a, b, c] = [count32(bins, singles), count16(bins, halves), count16(bins, more)];
        for (const order of [
          [a, b, c],
          [b, c, a],
          [c, a, b],
        ]) {
          expect(encodePartial(mergeCounts(named(order)))).toBe(whole);
        }
        // float16 alone stay float16, and can be widened later
        const both = mergeCounts(named([b, c]));
        expect(both.kind).toBe('float16');
        expect(encodePartial(mergeCounts(named([both, a])))).toBe(whole);
      }),
      { numRuns: 8 },
    );
  });

  test('of fifty, more than are held at a time, are merged as any', () => {
    const [singles] = fc.sample(float32Samples(bins), { numRuns: 1, seed: 5 });
    const halves = fc.sample(float16Samples, { numRuns: 49, seed: 6 });
    const widened = halves.map((samples) => ({ ...samples, bits: samples.bits.map(widenBits) }));
    const whole = encodePartial(count32(bins, joined([...widened, singles])));
    const parts = [...halves.map((samples) => count16(bins, samples)), count32(bins, singles)];
    expect(encodePartial(mergeCounts(named(parts)))).toBe(whole);
    expect(encodePartial(mergeCounts(named(parts.toReversed())))).toBe(whole);
  });

  test('widening puts all 63,490 float16 that are numbers where the kernels put them', () => {
    const all = {
      bits: Array.from({ length: 65_536 }, (_, i) => i),
      codes: Array.from({ length: 65_536 }, (_, i) => i % 2),
    };
    const widened = widenCounts(count16(bins, all));
    const counted = count32(bins, { ...all, bits: all.bits.map(widenBits) });
    expectSameCounts(widened, { ...counted, lowBits: 0xe000 });
    expect(widened.ignored).toBe(2046);
  });
});

test('a partial is one line of JSON that says what it holds', () => {
  const text = encodePartial(count32(2, { bits: [0, 0x8000_0001, 0x3f80_0000], codes: [0, 1, 2] }));
  expect(text).toMatch(/^[^\n]*\n$/);
  const { sha256, ...rest } = JSON.parse(text);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(rest).toEqual({
    schema: 'ghm.partial/1',
    task: 'classification',
    cells: 'float32',
    bins: 2,
    total: 2,
    ignored: 1,
    negatives: { from: [0], count: [1] },
    positives: { from: [0x8000_0001], count: [1] },
  });
});

test('partials of other regions are not merged', () => {
  const parts = [30, 10].map((bins) => ({ name: `m${bins}.json`, counts: count32(bins, { bits: [0], codes: [0] }) }));
  expect(() => mergeCounts(parts)).toThrow(
    expect.objectContaining({
      exitCode: 3,
      message: 'm10.json: counted for 10 regions, but m30.json for 30; count both with the same --bins',
    }),
  );
});

test('counts whose sum is above 2^53 are refused, for they would not be exact', () => {
  const counts = count32(1, { bits: [0x3f80_0000], codes: [0] });
  counts.cells[0][0x3f80] = 2 ** 53 - 1;
  expect(() => mergeCounts(named([counts, counts]))).toThrow(expect.objectContaining({ exitCode: 3 }));
});

describe('partials of other tasks', () => {
  const scales: readonly Scale[] = [
    { task: 'softmax' },
    { task: 'regression', mu: 0.02 },
    { task: 'regression', mu: 0.1 },
    { task: 'classification', softTargets: true },
  ];
  const norms = Uint32Array.from([0, 0.1, 0.25, 0.5, 0.999, 1], bitsOfFloat32);
  const countsOf = (scale: Scale): CellCounts => {
    const counts = countBits(10, norms, new Uint8Array(norms.length), scale);
    if (scale.task !== 'classification' || !scale.softTargets) return counts;
    const partition = partitionOf(counts);
    const softLosses = noSoftLosses(partition.thresholds.length);
    for (const [i, { firstBits }] of [...piecesOf(counts, partition)].entries()) {
      setUnits(softLosses.ce, entryOfPiece(partition, firstBits), 2 ** i, 12_345 * i);
      setUnits(softLosses.targetCe, entryOfPiece(partition, firstBits), i, 0xffff_ffff);
    }
    return { ...counts, softLosses: { ...softLosses, infinite: 3 } };
  };

  test('with losses of soft targets add up whole by whole, and carry', () => {
    const counts = countsOf({ task: 'classification', softTargets: true });
    const { softLosses } = mergeCounts(named([counts, counts, counts]));
    const total = ({ whole, rest }: UnitSums) =>
      whole.reduce((sum, part, i) => sum + (BigInt(part) << 32n) + BigInt(rest[i]), 0n);
    expect(softLosses?.infinite).toBe(9);
    for (const name of ['ce', 'targetCe'] as const) {
      const [three, one] = [softLosses, counts.softLosses].map((losses) => losses && total(losses[name]));
      expect(three).toBe(3n * (one ?? 0n));
      expect(softLosses?.[name].rest.every((rest) => rest < 2 ** 32)).toBe(true);
    }
  });

  test.each(scales)('say so, and decode to the counts they were made of: %j', async (scale) => {
    const text = encodePartial(countsOf(scale));
    expect(JSON.parse(text)).toMatchObject(scale);
    const decoded = await decodePartial(JSON.parse(text), 'a.json');
    expectSameCounts(decoded, countsOf(scale));
    expect(encodePartial(decoded)).toBe(text);
  });

  test('do not add up with each other', () => {
    const counts = named([LOGITS, ...scales].map(countsOf));
    for (const one of counts) {
      for (const other of counts) {
        if (one === other) continue;
        const [a, b] = [one, other].map((part) => scaleName(part.counts.scale));
        expect(() => mergeCounts([one, other])).toThrow(
          `${other.name}: counts of ${b}, but ${one.name} of ${a}; only counts of one task add up`,
        );
      }
    }
  });
});
