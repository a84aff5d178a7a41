import { expect, test } from 'vitest';
import type { ArraySource, PackedArray, Part } from '../../src/sources/source.ts';
import { planSpool } from '../../src/spool/plan.ts';

const facts = {
  format: 'npz',
  path: '/a.npz',
  name: 'a.npz[x]',
  bigEndian: false,
  storedBytes: 9,
  identity: { size: 9, mtimeMs: 0, inode: 1 },
} as const;
const packed = (rows: number, columns: number, dtype: PackedArray['dtype'], offset: number): PackedArray => ({
  ...facts,
  kind: 'packed',
  dtype,
  shape: [rows, columns],
  rows,
  columns,
  packing: { codec: 'deflate', offset, bytes: 9, headerBytes: 128, crc32: null },
});
const raw: ArraySource = { ...facts, kind: 'raw', dtype: 'uint8', shape: [9], rows: 9, columns: 1, dataOffset: 0 };
const part = (logits: ArraySource, labels: ArraySource, labelWeights: ArraySource | null): Part => ({
  logits,
  labels,
  labelWeights,
  columns: {},
  rows: 9,
  classes: 1,
  targets: 'binary',
  indexing: { firstForeground: 0, background: 1 },
  ignoreLabel: -1,
  outputName: 'a',
  blocks: null,
});

test('packed arrays lie one after the other, aligned, each once', () => {
  const [x, y, z] = [packed(9, 3, 'float32', 10), packed(5, 1, 'int8', 20), packed(1, 1, 'uint8', 30)];
  expect(planSpool([part(x, y, null), part(x, raw, z)])).toEqual({
    places: [
      { source: x, offset: 0 },
      { source: y, offset: 128 },
      { source: z, offset: 192 },
    ],
    bytes: 256,
    elements: 33,
  });
  expect(planSpool([part(raw, raw, raw)])).toEqual({ places: [], bytes: 0, elements: 0 });
});
