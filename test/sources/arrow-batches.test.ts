import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { expect, test } from 'vitest';
import { openArrowRows } from '../../src/sources/arrow/read.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { arrowOf } from './arrow-files.ts';
import { folderOf } from './npy-files.ts';

const ROWS = 1000;
const isNull = (row: number): boolean => row >= 300 && row < 400 && row % 7 === 0;

/** The array of a file of batches of 100 rows: all laid out alike, but for the fourth where it has nulls, and a short last one. */
async function openBatches(withNulls: boolean, codec?: 'lz4') {
  const values = Array.from({ length: ROWS - 10 }, (_, row) => (withNulls && isNull(row) ? null : row >> 3));
  const file = arrowOf({ logits: arrow.vectorFromArray(values, new arrow.Float32()) }, 100, codec);
  const path = join(folderOf({ 'x.arrow': file }), 'x.arrow');
  const source = await (await openFile({ path, name: 'x.arrow' })).open('logits');
  if (source.kind !== 'blocks' || source.reading.kind !== 'arrow') throw new TypeError('no Arrow');
  return { source, reading: source.reading, values };
}

test.each([
  ['alike', false, 2],
  ['with nulls in one of them', true, 4],
] as const)('batches laid out %s are known by what they have in common', async (_, withNulls, shapes) => {
  const { source, reading } = await openBatches(withNulls);
  expect(reading.shapes).toHaveLength(shapes);
  expect(source).toMatchObject({ rows: ROWS - 10, nulls: withNulls, storedBytes: 4 * (ROWS - 10) });
});

test.each([
  ['', false, undefined],
  [' with nulls', true, undefined],
  [' with nulls, compressed', true, 'lz4'],
] as const)('each batch is read where it is%s, from any row', async (_, withNulls, codec) => {
  const { source, values } = await openBatches(withNulls, codec);
  const reader = await openArrowRows({ ...source, nullAs: -5 });
  const found: number[] = [];
  for (let row = 0; row < source.rows; row += 37) {
    const into = new Float32Array(Math.min(37, source.rows - row));
    reader.read(row, new Uint8Array(into.buffer));
    found.push(...into);
  }
  reader.close();
  expect(found).toEqual(values.map((value) => value ?? -5));
});
