import { describe, expect, test } from 'vitest';
import { LOGITS } from '../../src/density/scale.ts';
import { layoutOf } from '../../src/memory/layout.ts';
import { bufferNeeds, cellKindOf, needsConversion, planMemory } from '../../src/plan/buffers.ts';
import { type ArraySource, DTYPE_BYTES, DTYPES, type Dtype, type Part } from '../../src/sources/source.ts';

const MIB = 2 ** 20;

const array = (dtype: Dtype): ArraySource => ({
  kind: 'raw',
  format: 'npy',
  path: '/a.npy',
  name: 'a.npy',
  dtype,
  bigEndian: false,
  dataOffset: 128,
  shape: [10],
  rows: 10,
  columns: 1,
  storedBytes: 0,
  identity: { size: 0, mtimeMs: 0, inode: 0 },
});
const part = (logits: Dtype, labels: Dtype, weights: Dtype | null, targets: Part['targets'] = 'binary'): Part => ({
  logits: array(logits),
  labels: array(labels),
  labelWeights: weights === null ? null : array(weights),
  columns: {},
  rows: 10,
  classes: 1,
  targets,
  indexing: { firstForeground: 0, background: 1 },
  ignoreLabel: -1,
  outputName: 'a',
  blocks: null,
});

describe('cells', () => {
  test('are float16 only where every logit is', () => {
    const [half, single, double] = (['float16', 'float32', 'float64'] as const).map((dtype) =>
      part(dtype, 'int8', null),
    );
    expect(cellKindOf([half, half], LOGITS)).toBe('float16');
    expect(cellKindOf([half, single], LOGITS)).toBe('float32');
    expect(cellKindOf([double], LOGITS)).toBe('float32');
    expect(cellKindOf([half], { task: 'softmax' })).toBe('float32');
    expect(cellKindOf([half], { task: 'classification', softTargets: true })).toBe('float32');
    expect(needsConversion(half.logits, 'float16')).toBe(false);
    expect(needsConversion(half.logits, 'float32')).toBe(true);
    expect(needsConversion(double.logits, 'float32')).toBe(true);
  });
});

describe('buffers', () => {
  test.each(DTYPES)('hold labels of %s before they are codes', (dtype) => {
    const needs = bufferNeeds([part('float32', dtype, null)], 'float32', true);
    const labels = dtype === 'float16' || dtype === 'bfloat16' ? 4 : 0;
    expect(needs).toEqual({
      raw: DTYPE_BYTES[dtype],
      logits: 4,
      labels,
      operand: 0,
      codes: 1,
      classes: 0,
      out: 4,
      losses: 0,
    });
  });

  test('hold what the part with the largest needs', () => {
    const parts = [
      part('float16', 'int8', 'float16'),
      part('float32', 'int64', null, 'index'),
      part('float64', 'bool', 'uint8'),
    ];
    expect(bufferNeeds(parts, 'float32', true)).toEqual({
      raw: 8,
      logits: 4,
      labels: 4,
      operand: 0,
      codes: 1,
      classes: 4,
      out: 4,
      losses: 0,
    });
    expect(bufferNeeds([parts[0]], 'float16', false)).toEqual({
      raw: 2,
      logits: 2,
      labels: 4,
      operand: 0,
      codes: 1,
      classes: 0,
      out: 0,
      losses: 0,
    });
  });
});

describe('a memory plan', () => {
  const needs = { raw: 8, logits: 4, labels: 0, operand: 0, codes: 1, classes: 4, out: 4, losses: 0 };

  test('has the largest chunk where there is room', () => {
    const { layout } = planMemory(4, 60, 256 * MIB, needs, 80);
    expect([layout.threads, layout.chunkSamples]).toEqual([4, 2 ** 17]);
  });

  test('shrinks chunks first, then threads, and uses what it is given', () => {
    let last = { threads: 9, chunk: Infinity };
    for (let budget = 256 * MIB; budget >= 6 * MIB; budget -= MIB / 4) {
      const { layout } = planMemory(8, 60, budget, needs, 80);
      const { threads, chunkSamples, bytes } = layout;
      expect(bytes).toBeLessThanOrEqual(budget);
      // one more thread does not fit even with the smallest chunk, a larger chunk not with these threads
      if (threads < 8) expect(layoutOf(threads + 1, 60, 1024, needs).bytes).toBeGreaterThan(budget);
      if (chunkSamples < 2 ** 17) expect(layoutOf(threads, 60, 2 * chunkSamples, needs).bytes).toBeGreaterThan(budget);
      expect(threads).toBeLessThanOrEqual(last.threads);
      if (threads === last.threads) expect(chunkSamples).toBeLessThanOrEqual(last.chunk);
      last = { threads, chunk: chunkSamples };
    }
    expect(last.threads).toBe(1);
  });

  test('has room for the widest row in every chunk', () => {
    const wide = 300_001;
    const { layout } = planMemory(8, 60, 64 * MIB, needs, wide);
    expect(layout.chunkSamples).toBe(wide);
    expect(layout.bytes).toBeLessThanOrEqual(64 * MIB);
  });

  test.each([
    [80, 'at least 6 MiB for this input, found 3 MiB'],
    [1_000_000, 'at least 26 MiB for this input, found 3 MiB'],
  ])('says how much a row of %i needs, and that much is enough', (widestRow, found) => {
    const refused = () => planMemory(8, 60, 3 * MIB, needs, widestRow);
    expect(refused).toThrow(expect.objectContaining({ exitCode: 2, message: `--memory: expected ${found}` }));
    const enough = Number(/least (\d+)/.exec(found)?.[1]);
    expect(planMemory(8, 60, enough * MIB, needs, widestRow).layout.threads).toBe(1);
  });
});
