import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { describe, expect, it, test } from 'vitest';
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
  ['with nulls in one of them', true, 3],
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

describe('a compressed file is refused', () => {
  const ROWS_OF_BATCH = 64;
  const rowsOf = (file: Buffer) => {
    const path = join(folderOf({ 'x.arrow': file }), 'x.arrow');
    return openFile({ path, name: 'x.arrow' }).then(({ open }) => open('logits'));
  };
  const lists = () =>
    arrowOf(
      {
        logits: arrow.vectorFromArray(
          Array.from({ length: ROWS_OF_BATCH }, () => [1, 2]),
          new arrow.List(new arrow.Field('item', new arrow.Float32(), true)),
        ),
      },
      ROWS_OF_BATCH,
      'lz4',
    );
  /** i64 words, one after the other. */
  const words = (...values: number[]) => Buffer.from(BigInt64Array.from(values, BigInt).buffer);

  it('that says it has nulls, and has no bits of them', async () => {
    const values = Array.from({ length: ROWS_OF_BATCH }, (_, i) => i >> 4);
    const file = arrowOf({ logits: arrow.vectorFromArray(values, new arrow.Float32()) }, ROWS_OF_BATCH, 'lz4');
    // length and nulls of the column
    const at = file.indexOf(words(ROWS_OF_BATCH, 0));
    file.writeBigInt64LE(1n, at + 8);
    await expect(rowsOf(file)).rejects.toMatchObject({
      exitCode: 3,
      message: 'x.arrow[logits]: damaged: expected a buffer of 8 bytes, found 0',
    });
  });

  it('of which a buffer lies where another does', async () => {
    const file = lists();
    // offset and length of each buffer: bits of lists, offsets, bits of values, values
    const nodes = words(ROWS_OF_BATCH, 0, 2 * ROWS_OF_BATCH, 0);
    const buffers = file.indexOf(words(0, 0), file.indexOf(nodes) - 100);
    expect(file.readBigInt64LE(buffers + 16)).toBe(0n);
    file.writeBigInt64LE(0n, buffers + 48);
    await expect(rowsOf(file)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^x\.arrow: damaged Arrow metadata: a buffer of \d+ bytes at 0 overlaps the one before it$/,
      ),
    });
  });
});

it('a file whose footer names a batch twice is refused', async () => {
  const file = arrowOf({ logits: arrow.makeVector(Float32Array.from({ length: 300 }, (_, i) => i)) }, 100);
  const footer = file.length - 10 - file.readInt32LE(file.length - 10);
  // place, length of the metadata and length of the body of each
  const first = file.indexOf(Buffer.from(BigInt64Array.of(400n).buffer), footer) - 16;
  file.copy(file, first + 24, first, first + 24);
  const path = join(folderOf({ 'x.arrow': file }), 'x.arrow');
  await expect(openFile({ path, name: 'x.arrow' })).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(
      /^x\.arrow: damaged Arrow metadata: a record batch of \d+ bytes at \d+ overlaps the one before it$/,
    ),
  });
});

it('batches that are laid out alike by turns are known as two', async () => {
  const values = Array.from({ length: 1000 }, (_, row) => (row % 20 === 3 ? null : row));
  const file = arrowOf({ logits: arrow.vectorFromArray(values, new arrow.Float32()) }, 10);
  const path = join(folderOf({ 'x.arrow': file }), 'x.arrow');
  const source = await (await openFile({ path, name: 'x.arrow' })).open('logits');
  if (source.kind !== 'blocks' || source.reading.kind !== 'arrow') throw new TypeError('no Arrow');
  expect(source.reading.shapes).toHaveLength(2);
  expect(source.reading.batches).toHaveLength(3 * 100);
});

it('a block of Zstandard that is one byte again and again is no damage', async () => {
  const zeros = arrow.makeVector(new Float32Array(1 << 15));
  const file = arrowOf({ logits: zeros }, 1 << 15, 'zstd');
  const path = join(folderOf({ 'x.arrow': file }), 'x.arrow');
  const source = await (await openFile({ path, name: 'x.arrow' })).open('logits');
  expect(source).toMatchObject({ rows: 1 << 15, dtype: 'float32' });
});
