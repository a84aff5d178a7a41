import { statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it, test } from 'vitest';
import { reweight } from '../../src/index.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { openParquetRows } from '../../src/sources/parquet/read.ts';
import { groupsEnd } from '../../src/sources/parquet/row-groups.ts';
import { folderOf } from './npy-files.ts';
import { type Column, parquetOf } from './parquet-files.ts';

test.each([
  ['all of a few small row groups', { columns: 1, blocks: [0, 1000, 2000] }, 0, 3000, 3000],
  ['up to the end that is asked for', { columns: 1, blocks: [0, 8_000_000] }, 1_000_000, 1_500_000, 1_500_000],
  [
    'as many as are small enough together',
    { columns: 2, blocks: [0, 600_000, 1_000_000, 1_600_000] },
    0,
    2e6,
    1_000_000,
  ],
  ['from the middle of one', { columns: 2, blocks: [0, 600_000, 1_600_000] }, 500_000, 2e6, 600_000],
  ['one alone that is larger than several may be', { columns: 3, blocks: [0, 1 << 20, 2 << 20] }, 0, 3e6, 1 << 20],
  ['what is asked for of such a one', { columns: 3, blocks: [0, 2 << 20] }, 0, 1e6, 1e6],
  ['none that is too large', { columns: 80, blocks: [0, 122_880] }, 0, 245_760, null],
])('row groups decoded at once: %s', (_, source, row, end, expected) => {
  expect(groupsEnd(source, row, end)).toBe(expected);
});

it('a row group too large to be decoded at once is streamed, then the next', async () => {
  const [rows, width] = [4500, 1000];
  const path = join(folderOf(), 'x.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const values = `list_transform(range(${width}), c -> ((i * ${width} + c) % 8191)::FLOAT)`;
  const form = '(FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 4096)';
  await connection.run(`COPY (SELECT ${values} AS logits FROM range(${rows}) AS t(i)) TO '${path}' ${form}`);
  connection.closeSync();
  instance.closeSync();

  const container = await openFile({ path, name: 'x.parquet' });
  const source = await container.open('logits');
  if (source.kind !== 'blocks') throw new TypeError('not blocks');
  expect([source.shape, source.blocks]).toEqual([
    [rows, width],
    [0, 4096],
  ]);
  const [reader] = await openParquetRows([source], rows);
  let wrong = 0;
  // from a row within, to the end, in steps that are no chunk of DuckDB's
  for (let row = 7; row < rows; row += 650) {
    const taken = Math.min(650, rows - row);
    await reader.prepare?.(row, taken);
    const into = new Float32Array(taken * width);
    reader.read(row, new Uint8Array(into.buffer));
    for (let i = 0; i < into.length; i++) if (into[i] !== (row * width + i) % 8191) wrong++;
  }
  reader.close();
  expect(wrong).toBe(0);
});

it('a file that is written anew at once, as long as before, is read as it is now', async () => {
  const numbers = (sign: number): Column => ({ type: 'FLOAT', values: [4, 3, 2, 1].map((x) => sign * x) });
  const labels: Column = { type: 'FLOAT', values: [0, 0, 1, 0] };
  // their footers say in other order where the columns are
  const forms = [
    { a: numbers(1), b: labels, c: numbers(-1) },
    { c: numbers(-1), b: labels, a: numbers(1) },
  ];
  const files = await Promise.all(forms.map((columns) => parquetOf(columns, { compression: 'uncompressed' })));
  expect(files[0].length).toBe(files[1].length);
  const path = join(folderOf(), 'x.parquet');
  const counts: unknown[] = [];
  const values: Float32Array[] = [];
  for (const file of [...files, ...files]) {
    writeFileSync(path, file);
    utimesSync(path, 1e9, 1e9);
    expect(statSync(path).mtimeMs).toBe(1e12);
    const source = await (await openFile({ path, name: 'x.parquet' })).open('a');
    if (source.kind !== 'blocks') throw new TypeError('not blocks');
    const [reader] = await openParquetRows([source], 4);
    await reader.prepare?.(0, 4);
    values.push(new Float32Array(4));
    reader.read(0, new Uint8Array(values[values.length - 1].buffer));
    reader.close();
    const { density } = await reweight({ files: path, logitsKey: 'a', labelsKey: 'b', out: join(folderOf(), 'out') });
    counts.push(density.counts);
  }
  for (const read of values) expect([...read]).toEqual([4, 3, 2, 1]);
  expect(new Set(counts.map(String)).size).toBe(1);
});

test.each([
  [100_000, null],
  [100_001, 'x.parquet[logits]: its lists are of 100001 numbers; expected up to 100000'],
])('lists of %d numbers are opened, or refused', async (length, message) => {
  const path = join(folderOf(), 'x.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT list_transform(range(${length}), x -> x::FLOAT) AS logits FROM range(2)) TO '${path}'`,
  );
  connection.closeSync();
  instance.closeSync();
  const { open } = await openFile({ path, name: 'x.parquet' });
  const shape = async () => (await open('logits')).shape;
  if (message === null) expect(await shape()).toEqual([2, length]);
  else await expect(shape()).rejects.toMatchObject({ exitCode: 3, message });
});

test.each(['endless-lists.parquet', 'negative-lists.parquet'])(
  '%s, which fuzzing found: lists that have no values are not read from memory that nobody has written',
  async (name) => {
    const path = fileURLToPath(new URL(`damaged/${name}`, import.meta.url));
    const { keys, open } = await openFile({ path, name });
    expect(keys).toContain('rows');
    await expect(open('rows')).rejects.toMatchObject({
      exitCode: 3,
      message: `${name}[rows]: damaged: the footer says 0 values, for 12 rows`,
    });
  },
);

test.each(['a, b', 'a', ', ', "it's", 'x.y', 'ü, z, list'])('a column called %j is found', async (called) => {
  const file = await parquetOf({
    [called]: { type: 'FLOAT', values: [1, null, 3] },
    [`${called}, more`]: { type: 'FLOAT[]', values: [[1], [2], [3]] },
  });
  const path = join(folderOf({ 'x.parquet': file }), 'x.parquet');
  const { open } = await openFile({ path, name: 'x.parquet' });
  expect(await open(called)).toMatchObject({ shape: [3], dtype: 'float32', nulls: true });
  expect(await open(`${called}, more`)).toMatchObject({ shape: [3, 1], dtype: 'float32' });
});

it('two columns whose names differ by case alone are both read', async () => {
  const columns = { labels: { type: 'UTINYINT', values: [1, 0] }, Labelz: { type: 'UTINYINT', values: [3, 4] } };
  const file = Buffer.from((await parquetOf(columns)).toString('latin1').replaceAll('Labelz', 'Labels'), 'latin1');
  const path = join(folderOf({ 'x.parquet': file }), 'x.parquet');
  const { keys, open } = await openFile({ path, name: 'x.parquet' });
  expect(keys).toEqual(['labels', 'Labels_1']);
  expect(await open('labels')).toMatchObject({ shape: [2], dtype: 'uint8', nulls: false });
  // of which nothing says that it has no nulls
  expect(await open('Labels_1')).toMatchObject({ shape: [2], dtype: 'int32', nulls: true });
});

it('a damaged page is told in the words of DuckDB', async () => {
  const file = await parquetOf({ x: { type: 'FLOAT', values: Array.from({ length: 5000 }, (_, i) => Math.sin(i)) } });
  file.fill(0xff, 100, 200);
  const path = join(folderOf({ 'x.parquet': file }), 'x.parquet');
  const source = await (await openFile({ path, name: 'x.parquet' })).open('x');
  if (source.kind !== 'blocks') throw new TypeError('not blocks');
  const [reader] = await openParquetRows([source], source.rows);
  await expect(reader.prepare?.(0, 1000)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(/^x\.parquet\[x\]: cannot be read as Parquet: .*ZSTD Decompression failure/),
  });
  reader.close();
});
