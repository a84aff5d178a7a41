import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Barrier } from '../../src/bench/barrier.ts';
import { bulkMemory } from '../../src/bench/bulk-memory.ts';
import { DATA_FORMS, rowsOf, sliceOf, trafficOf } from '../../src/bench/data-sets.ts';
import { check } from '../../src/bench/expected.ts';
import { cacheSizes } from '../../src/bench/machine.ts';
import { LOGITS } from '../../src/density/scale.ts';

test('bulk memory copies and fills the bytes it is told, and no others', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const bytes = new Uint8Array(memory.buffer);
  const { copy, fill } = bulkMemory(memory);
  fill(10, 255, 3);
  copy(100, 9, 5);
  expect([...bytes.subarray(9, 14)]).toEqual([0, 255, 255, 255, 0]);
  expect([...bytes.subarray(99, 106)]).toEqual([0, 0, 255, 255, 255, 0, 0]);
});

test.each([1, 2, 3, 7, 64])('the slices of %i lanes are whole blocks and together all rows', (lanes) => {
  for (const form of DATA_FORMS) {
    const rows = rowsOf(form, 100_000);
    const slices = Array.from({ length: lanes }, (_, lane) => sliceOf(rows, lane, lanes));
    expect(slices[0]?.begin).toBe(0);
    expect(slices.at(-1)?.end).toBe(rows);
    for (const [i, { begin, end }] of slices.entries()) {
      expect(begin % 64).toBe(0);
      expect(end).toBeGreaterThanOrEqual(begin);
      if (i > 0) expect(begin).toBe(slices[i - 1]?.end);
    }
  }
});

test('the bytes of a work are those it reads and writes', () => {
  const [float32, rows, float16] = DATA_FORMS;
  expect(trafficOf(float32, 'count', 64)).toEqual({ read: 5 * 64, written: 0 });
  expect(trafficOf(float32, 'weigh', 64)).toEqual({ read: 5 * 64, written: 4 * 64 });
  expect(trafficOf(float32, 'copy', 64)).toEqual({ read: 4 * 64, written: 4 * 64 });
  expect(trafficOf(float32, 'write', 64)).toEqual({ read: 0, written: 4 * 64 });
  expect(trafficOf(rows, 'read', 64)).toEqual({ read: 64 * (80 * 4 + 4), written: 0 });
  expect(trafficOf(float16, 'count', 64)).toEqual({ read: 3 * 64, written: 0 });
});

test('a lane that is alone does not wait, and nobody waits after a cancel', () => {
  const words = Barrier.words();
  expect(new Barrier(words).meet(1)).toBe(true);
  expect(new Barrier(words).meet(1)).toBe(true);
  new Barrier(words).cancel();
  expect(new Barrier(words).meet(2)).toBe(false);
});

test('a result that differs is a defect, named', () => {
  const counts = (cell: number) => ({
    kind: 'float16' as const,
    scale: LOGITS,
    bins: 30,
    cells: [Float64Array.of(cell), Float64Array.of(1)] as const,
    splits: [new Float64Array(0), new Float64Array(0)] as const,
    ignored: 0,
  });
  const one = { sum: 0x8000_0001, crc32: 7, counts: counts(5) };
  const twice = { sums: 2, counts: 2 };
  const found = {
    sum: 2,
    crc32: 7,
    counts: { ...counts(10), cells: [Float64Array.of(10), Float64Array.of(2)] as const },
  };
  expect(() => check('count', found, one, twice)).not.toThrow();
  expect(() => check('count', { ...found, sum: 3 }, one, twice)).toThrow('count: the sum of its words differ');
  expect(() => check('count', { ...found, crc32: 8 }, one, twice)).toThrow('its weights differ');
  expect(() => check('count', { ...found, counts: counts(10) }, one, twice)).toThrow('its counts differ');
  expect(() => check('count', { ...found, counts: null }, one, twice)).toThrow('its counts differ');
});

test('caches are read as Linux tells them, a shared one once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ghm-bench-caches-'));
  const cache = (cpu: number, index: number, level: number, size: string, shared: string): void => {
    const at = join(folder, `cpu${cpu}/cache/index${index}`);
    mkdirSync(at, { recursive: true });
    for (const [name, text] of Object.entries({ level: `${level}`, size, shared_cpu_list: shared })) {
      writeFileSync(join(at, name), `${text}\n`);
    }
  };
  for (const cpu of [0, 1, 2, 3]) {
    cache(cpu, 2, 2, '1024K', `${cpu}`);
    cache(cpu, 3, 3, '32768K', cpu < 2 ? '0-1' : '2-3');
  }
  expect(cacheSizes(folder)).toEqual({ l2Bytes: 2 ** 20, l3Bytes: 2 ** 26 });
  expect(cacheSizes(join(folder, 'none'))).toEqual({ l2Bytes: null, l3Bytes: null });
  rmSync(folder, { recursive: true });
});
