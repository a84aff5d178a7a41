import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CELLS } from '../../src/density/cells.ts';
import { Control, HEADER_BYTES } from '../../src/memory/control.ts';
import { type Arena, arenaOf, fineEntries, layoutOf, NO_SETS, weightEntries } from '../../src/memory/layout.ts';
import { countersAt, createMemory, u32At } from '../../src/memory/shared-memory.ts';

const bytesEach = fc.constantFrom(0, 1, 2, 4, 8);
const needs = fc.record({
  raw: bytesEach,
  logits: bytesEach,
  labels: bytesEach,
  operand: bytesEach,
  codes: bytesEach,
  classes: bytesEach,
  out: bytesEach,
  losses: fc.constantFrom(0, 1),
});
const shapes = fc.record({
  threads: fc.integer({ min: 1, max: 64 }),
  thresholds: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(2, 20_000)),
  chunkSamples: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(2 ** 17, 300_001)),
  needs,
  window: fc.record({
    counted: fc.constantFrom(0, 19, 21),
    weighed: fc.constantFrom(0, 18, 21),
    pieces: fc.constantFrom(0, 1, 1000),
  }),
  setSpace: fc.oneof(
    fc.constant(NO_SETS),
    fc.record({
      sets: fc.integer({ min: 1, max: 300 }),
      scratchSets: fc.integer({ min: 1, max: 300 }),
      slots: fc.integer({ min: 3, max: 102 }),
    }),
  ),
});
const NONE = { raw: 0, logits: 4, labels: 0, operand: 0, codes: 1, classes: 0, out: 0, losses: 0 };

describe('a layout', () => {
  test('puts every region at a multiple of 64 bytes, inside the memory, and beside all others', () => {
    fc.assert(
      fc.property(shapes, ({ threads, thresholds, chunkSamples, needs, window, setSpace }) => {
        const layout = layoutOf(threads, thresholds, chunkSamples, needs, window, setSpace);
        const regions: [number, number][] = [
          [0, HEADER_BYTES],
          [layout.first, 4 * (CELLS + 1)],
          [layout.thresholdBits, 4 * thresholds],
          [layout.beta, 4 * 3 * CELLS],
          [layout.betaSplits, 4 * 2 * thresholds],
          [layout.windowWeights, 4 * weightEntries(window.weighed)],
          [layout.piecePlaces, 4 * window.pieces],
          [layout.pieceWeights, 4 * window.pieces],
          [layout.setEntries, setSpace.sets > 0 ? 8 * (3 * CELLS + 2 * thresholds) : 0],
          [layout.setTable, 16 * setSpace.sets * setSpace.slots],
        ];
        const sizes: Record<keyof Arena, number> = {
          scratchCells: 4 * 12 * CELLS,
          scratchSplits: 4 * 2 * thresholds,
          totalCells: 8 * 2 * CELLS,
          totalSplits: 8 * 2 * thresholds,
          scratchFine: 4 * fineEntries(window.counted),
          totalFine: 8 * fineEntries(window.counted),
          totalIgnored: 8,
          totalLowBits: 4,
          scratchLosses: 8 * needs.losses * (4 * (0x3f81 + thresholds) + 2),
          totalLosses: 8 * needs.losses * (4 * (0x3f81 + thresholds) + 2),
          groups: 4096,
          scratchSets: 16 * setSpace.scratchSets * setSpace.slots,
          setCopies: 32 * setSpace.slots,
          rowSets: setSpace.sets > 0 ? 4 * chunkSamples : 0,
          raw: chunkSamples * needs.raw,
          logits: chunkSamples * needs.logits,
          labels: chunkSamples * needs.labels,
          operand: chunkSamples * needs.operand,
          codes: chunkSamples * needs.codes,
          classes: chunkSamples * needs.classes,
          out: chunkSamples * needs.out,
        };
        for (let index = 0; index < threads; index++) {
          const arena = arenaOf(layout, needs, index);
          for (const name of Object.keys(sizes) as (keyof Arena)[]) regions.push([arena[name], sizes[name]]);
        }
        let end = 0;
        for (const [at, size] of regions.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
          expect(at % 64).toBe(0);
          expect(at).toBeGreaterThanOrEqual(end);
          end = at + size;
        }
        expect(end).toBeLessThanOrEqual(layout.bytes);
        expect(layout.bytes % 65_536).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('is the same for the same arguments', () => {
    expect(layoutOf(3, 58, 1000, NONE)).toEqual(layoutOf(3, 58, 1000, NONE));
  });
});

describe('the shared words', () => {
  const layout = layoutOf(3, 4, 1024, NONE);
  test('tell everyone of a cancellation and of what is done', () => {
    const memory = createMemory(layout);
    const [mine, theirs] = [new Control(memory), new Control(memory)];
    expect([mine.cancelled, mine.done]).toEqual([false, 0]);
    theirs.addDone(2 ** 40);
    theirs.addDone(3);
    theirs.cancel();
    expect([mine.cancelled, mine.done]).toEqual([true, 2 ** 40 + 3]);
    mine.startPass();
    expect([theirs.done, theirs.cancelled]).toEqual([0, true]);
  });

  test('tell everyone of a failure, and share no word', () => {
    const memory = createMemory(layout);
    const [mine, theirs] = [new Control(memory), new Control(memory)];
    expect(mine.failed).toBe(false);
    theirs.fail();
    theirs.addDone(-1);
    expect([mine.failed, mine.cancelled, mine.done]).toEqual([true, false, -1]);
  });

  test('are refused in memory that was not made for them', () => {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
    expect(() => new Control(memory)).toThrow('the shared memory was not made by this version');
  });

  test('lie in a memory of just the size of the layout', () => {
    const memory = createMemory(layout);
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(memory.buffer.byteLength).toBe(layout.bytes);
  });
});

describe('counters', () => {
  const layout = layoutOf(1, 0, 1024, NONE);
  const memory = createMemory(layout);
  const words = new BigUint64Array(memory.buffer, layout.firstArena, 3);

  test('are exact up to the last integer a double holds', () => {
    words.set([0n, 2n ** 32n - 1n, 2n ** 53n - 1n]);
    expect([...countersAt(memory, layout.firstArena, 3)]).toEqual([0, 2 ** 32 - 1, 2 ** 53 - 1]);
  });

  test.each([2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n])('are refused at %d', (count) => {
    words.set([1n, count, 2n]);
    expect(() => countersAt(memory, layout.firstArena, 3)).toThrow(new RangeError('a count above 2^53'));
    expect(() => countersAt(memory, layout.firstArena, 1)).not.toThrow();
  });

  test('u32 views share the memory', () => {
    u32At(memory, layout.firstArena, 2)[1] = 7;
    expect(words[0] >> 32n).toBe(7n);
  });
});
