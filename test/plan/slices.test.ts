import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partsOfSlice, planSlice, rowBytesOf, type SliceStarts } from '../../src/plan/slices.ts';
import type { ArraySource, Part } from '../../src/sources/source.ts';

type Kind = 'raw' | 'packed' | 'blocks';

/** As much of a part as is needed: float32 logits and uint8 labels. */
function partOf(rows: number, classes: number, kind: Kind = 'raw', blocks: readonly number[] | null = null) {
  const array = { kind, columns: classes, dtype: 'float32' } as unknown as ArraySource;
  const labels = { kind, columns: 1, dtype: 'uint8' } as unknown as ArraySource;
  return { rows, classes, logits: array, labels, labelWeights: null, columns: {}, blocks } satisfies Partial<Part>;
}

const streams = fc
  .array(
    fc.record({
      rows: fc.oneof(fc.nat(50), fc.nat(5000), fc.constantFrom(0, 1)),
      classes: fc.constantFrom(1, 3, 80),
      kind: fc.constantFrom<Kind>('raw', 'raw', 'packed', 'blocks'),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) =>
    parts.map(({ rows, classes, kind }) => {
      const blocks = kind === 'blocks' ? Array.from({ length: Math.ceil(rows / 100) }, (_, i) => 100 * i) : null;
      return partOf(rows, classes, kind, blocks);
    }),
  );
const starts = fc.oneof(
  fc.constant<SliceStarts>('any'),
  fc.integer({ min: 1, max: 900 }).map((every): SliceStarts => ({ every })),
);

const rowsOf = (parts: readonly { rows: number }[]): number => parts.reduce((sum, { rows }) => sum + rows, 0);
const slicesOf = (parts: Parameters<typeof planSlice>[0], of: number, from?: SliceStarts) =>
  Array.from({ length: of }, (_, i) => planSlice(parts, { index: i + 1, of }, from));

describe('slices', () => {
  test('follow each other from the first row to the last', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 40 }), starts, (parts, of, from) => {
        let next = 0;
        for (const { firstRow, endRow } of slicesOf(parts, of, from)) {
          expect(firstRow).toBe(next);
          expect(endRow).toBeGreaterThanOrEqual(firstRow);
          next = endRow;
        }
        expect(next).toBe(rowsOf(parts));
      }),
      { numRuns: 300 },
    );
  });

  test('begin at batches, blocks, and files that cannot be entered in the middle', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 40 }), starts, (parts, of, from) => {
        for (const { firstRow } of slicesOf(parts, of, from)) {
          if (from !== 'any' && 'every' in from) {
            expect(firstRow === rowsOf(parts) || firstRow % from.every === 0).toBe(true);
            continue;
          }
          const [at] = partsOfSlice(parts, { firstRow, endRow: firstRow + 1 });
          if (at === undefined) continue;
          if (at.part.logits.kind === 'packed') expect(at.range.firstRow).toBe(0);
          if (at.part.logits.kind === 'blocks') expect(at.range.firstRow % 100).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('have as many bytes as each other, but for a row and the ends of files that are near', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 40 }), (all, of) => {
        const parts = all.filter(({ logits }) => logits.kind === 'raw');
        const share = parts.reduce((sum, part) => sum + part.rows * rowBytesOf(part), 0) / of;
        for (const slice of slicesOf(parts, of)) {
          let bytes = 0;
          for (const { part, range } of partsOfSlice(parts, slice))
            bytes += (range.endRow - range.firstRow) * rowBytesOf(part);
          expect(Math.abs(bytes - share)).toBeLessThanOrEqual(share / 8 + 321);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('are cut within files by bytes, not by files', () => {
    const parts = [partOf(100, 1), partOf(1000, 3)];
    expect(slicesOf(parts, 3)).toEqual([
      { firstRow: 0, endRow: 408 },
      { firstRow: 408, endRow: 754 },
      { firstRow: 754, endRow: 1100 },
    ]);
  });

  test('end where a file ends that is nearer than a sixteenth of a slice', () => {
    const parts = Array.from({ length: 100 }, () => partOf(1000, 1));
    expect(slicesOf(parts, 7).map(({ firstRow }) => firstRow)).toEqual([
      0, 14_000, 29_000, 43_000, 57_000, 71_000, 86_000,
    ]);
  });

  test('begin at the first rows of batches of a column', () => {
    expect(slicesOf([partOf(100, 1)], 4, { rows: [0, 10, 40, 90] }).map(({ firstRow }) => firstRow)).toEqual([
      0, 40, 40, 90,
    ]);
  });

  test('are empty where there are more than rows', () => {
    const slices = slicesOf([partOf(3, 1)], 10);
    expect(slices.filter(({ firstRow, endRow }) => firstRow < endRow)).toHaveLength(3);
  });

  test('of a thousand million million bytes, and of ten thousand', () => {
    const parts = [partOf(2e11, 80), partOf(2e11, 1)];
    const [first, last] = [planSlice(parts, { index: 1, of: 10_000 }), planSlice(parts, { index: 10_000, of: 10_000 })];
    expect([first.firstRow, last.endRow]).toEqual([0, 4e11]);
    expect(planSlice(parts, { index: 5000, of: 10_000 }).endRow).toBe(
      planSlice(parts, { index: 5001, of: 10_000 }).firstRow,
    );
  });
});
