import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planShards, shardSamplesFor } from '../../src/plan/shards.ts';

const parts = fc.array(
  fc.record({
    rows: fc.oneof(fc.nat(50), fc.constantFrom(0, 1)),
    classes: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(80, 1000)),
  }),
  { maxLength: 12 },
);
const shardSamples = fc.integer({ min: 1, max: 2000 });

describe('shards', () => {
  test('cover each row exactly once, in order, and are numbered in order', () => {
    fc.assert(
      fc.property(parts, shardSamples, (all, size) => {
        const shards = planShards(all, size);
        expect(shards.map(({ id }) => id)).toEqual(shards.map((_, i) => i));
        const next = all.map(() => 0);
        let last = 0;
        for (const { part, firstRow, rows } of shards.flatMap(({ segments }) => segments)) {
          expect(part).toBeGreaterThanOrEqual(last);
          expect(firstRow).toBe(next[part]);
          expect(rows).toBeGreaterThan(0);
          next[part] += rows;
          last = part;
        }
        // parts without a sample have nothing to do
        expect(next).toEqual(all.map(({ rows, classes }) => (classes === 0 ? 0 : rows)));
      }),
      { numRuns: 500 },
    );
  });

  test('count their samples, none is empty, and none is larger than asked for by a row or more', () => {
    fc.assert(
      fc.property(parts, shardSamples, (all, size) => {
        for (const { segments, samples } of planShards(all, size)) {
          expect(samples).toBe(segments.reduce((sum, { part, rows }) => sum + rows * all[part].classes, 0));
          expect(segments.length).toBeGreaterThan(0);
          const widest = Math.max(...segments.map(({ part }) => all[part].classes));
          expect(samples).toBeLessThan(size + widest);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('sum to the samples of the stream', () => {
    fc.assert(
      fc.property(parts, shardSamples, (all, size) => {
        expect(planShards(all, size).reduce((sum, { samples }) => sum + samples, 0)).toBe(
          all.reduce((sum, { rows, classes }) => sum + rows * classes, 0),
        );
      }),
    );
  });

  test('are filled: two neighbours together hold more than one may', () => {
    fc.assert(
      fc.property(parts, shardSamples, (all, size) => {
        const shards = planShards(all, size);
        const widest = Math.max(0, ...all.map(({ classes }) => classes));
        for (const { samples } of shards.slice(0, -1)) expect(samples).toBeGreaterThan(size - widest);
      }),
    );
  });

  test('are cut between blocks only, where a part has some', () => {
    const blocks = fc
      .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 8 })
      .map((more) => [0, ...more.sort((a, b) => a - b)]);
    fc.assert(
      fc.property(
        fc.array(fc.record({ blocks, classes: fc.integer({ min: 1, max: 4 }) })),
        shardSamples,
        (given, size) => {
          const all = given.map(({ blocks, classes }) => ({ rows: (blocks.at(-1) ?? 0) + 7, classes, blocks }));
          const shards = planShards(all, size);
          const segments = shards.flatMap((shard) => shard.segments);
          for (const { part, firstRow } of segments) expect(all[part].blocks).toContain(firstRow);
          expect(segments.reduce((sum, { rows }) => sum + rows, 0)).toBe(all.reduce((sum, { rows }) => sum + rows, 0));
          for (const { part, firstRow, rows } of segments) {
            const { blocks, classes } = all[part];
            const inside = blocks.filter((row) => row > firstRow && row < firstRow + rows);
            // several blocks only where they fit together
            if (inside.length > 0) expect(rows * classes).toBeLessThanOrEqual(size);
          }
          for (const { segments, samples } of shards) {
            if (segments.length > 1) expect(samples).toBeLessThan(size + 4);
          }
        },
      ),
    );
  });

  test('of small files hold 128 at most: there is work for all threads', () => {
    const files = Array.from({ length: 300 }, () => ({ rows: 2, classes: 3 }));
    expect(planShards(files, 1 << 20).map(({ segments }) => segments.length)).toEqual([128, 128, 44]);
  });

  test('of nothing are none', () => {
    expect(planShards([], 100)).toEqual([]);
    expect(
      planShards(
        [
          { rows: 0, classes: 3 },
          { rows: 5, classes: 0 },
        ],
        100,
      ),
    ).toEqual([]);
  });

  test('are made at once for a stream of 10^12 samples', () => {
    const rows = 12_500_000_000;
    const size = shardSamplesFor(80 * rows);
    const shards = planShards([{ rows, classes: 80 }], size);
    expect(shards.length).toBe(Math.ceil(rows / Math.floor(size / 80)));
    expect(shards.at(-1)).toMatchObject({ id: shards.length - 1 });
    expect(shards.reduce((sum, { samples }) => sum + samples, 0)).toBe(80 * rows);
  });

  test.each([
    [0, 2 ** 20],
    [2 ** 28, 2 ** 20],
    [2 ** 28 + 1, 2 ** 20 + 1],
    [2 ** 30, 2 ** 22],
    [2 ** 40, 2 ** 23],
  ])('of %i samples hold %i', (total, expected) => {
    expect(shardSamplesFor(total)).toBe(expected);
  });

  test('of blocks are fewer', () => {
    expect([2 ** 20, 48 * 2 ** 20 + 1, 2 ** 40].map((total) => shardSamplesFor(total, true))).toEqual([
      2 ** 20,
      2 ** 20 + 1,
      2 ** 23,
    ]);
  });
});
