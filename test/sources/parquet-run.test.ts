import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { type Connection, type Database, readingDatabase } from '../../src/duckdb/database.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { openParquetRows } from '../../src/sources/parquet/read.ts';
import { type BlockArray, DTYPE_BYTES } from '../../src/sources/source.ts';
import { folderOf } from './npy-files.ts';
import { type Column, parquetOf } from './parquet-files.ts';

const column = (type: string, ...values: Column['values']): Column => ({ type, values });

/** The arrays of these keys in each file of a folder, as a shard has them. */
async function filesOf(contents: readonly Buffer[], keys: readonly string[]): Promise<BlockArray[][]> {
  const folder = folderOf();
  return Promise.all(
    contents.map(async (content, i) => {
      const path = join(folder, `${i}.parquet`);
      writeFileSync(path, content);
      const { open } = await openFile({ path, name: `${i}.parquet` });
      return Promise.all(
        keys.map(async (key) => {
          const source = await open(key);
          if (source.kind !== 'blocks') throw new TypeError('not blocks');
          return { ...source, nullAs: -1 };
        }),
      );
    }),
  );
}

/** All bytes of each file, one after the other, `step` rows at a time; the message where one cannot be read ends it. */
async function read(files: readonly (readonly BlockArray[])[], isAhead: boolean, step = 3): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const [i, arrays] of files.entries()) {
    const [{ rows }] = arrays;
    const readers = await openParquetRows(arrays, rows, isAhead ? files.slice(i + 1) : []);
    const bytes = arrays.map(({ columns, dtype }) => new Uint8Array(rows * columns * DTYPE_BYTES[dtype]));
    try {
      for (let row = 0; row < rows; row += step) {
        const taken = Math.min(step, rows - row);
        for (const reader of readers) await reader.prepare?.(row, taken);
        for (const [k, reader] of readers.entries()) {
          const rowBytes = bytes[k].length / rows;
          reader.read(row, bytes[k].subarray(row * rowBytes, (row + taken) * rowBytes));
        }
      }
      found.push(bytes);
    } catch (error) {
      found.push(String(error));
      return found;
    } finally {
      for (const reader of readers) reader.close();
    }
  }
  return found;
}

/** Queries that are asked meanwhile. */
async function queriesOf(run: () => Promise<unknown>): Promise<number> {
  const database: { -readonly [K in keyof Database]: Database[K] } = await readingDatabase('a test');
  const { bindings } = database;
  let queries = 0;
  const counted = (name: 'query' | 'prepare') => ({
    value: (...args: [connection: Connection, sql: string]) => {
      queries++;
      return bindings[name](...args);
    },
  });
  database.bindings = Object.create(bindings, { query: counted('query'), prepare: counted('prepare') });
  try {
    await run();
    return queries;
  } finally {
    database.bindings = bindings;
  }
}

const small = (i: number, rows = 10): Promise<Buffer> =>
  parquetOf({
    logits: column('FLOAT', ...Array.from({ length: rows }, (_, row) => 100 * i + row)),
    labels: column('TINYINT', ...Array.from({ length: rows }, (_, row) => (row % 4 === 1 ? null : row % 3))),
  });

it('small files that follow each other are read by one query, each as by itself', async () => {
  const contents = await Promise.all([0, 1, 2, 3].map((i) => small(i, 5 + i)));
  const files = await filesOf([...contents, ...contents], ['labels', 'logits']);
  const alone = await read(files, false);
  expect(await read(files, true)).toEqual(alone);
  expect(await read(files, true, 100)).toEqual(alone);
  expect(await queriesOf(() => read(files, true))).toBe(1);
  expect(await queriesOf(() => read(files, false))).toBe(files.length);
});

it('more files than a query takes, and files of other types between, are read as each by itself', async () => {
  const contents = await Promise.all([
    small(1),
    small(2),
    parquetOf({ logits: column('DOUBLE', 1, 2), labels: column('TINYINT', 1, 0) }),
    parquetOf({ logits: column('FLOAT', 1, 2, 3), labels: column('BOOLEAN', true, false, null) }),
    parquetOf({ logits: column('FLOAT', 1, 2, 3), labels: column('TINYINT', 2, 0, null) }),
    parquetOf({ labels: column('INTEGER', 100_000, 5, null), logits: column('FLOAT', 1, 2, 3) }),
    parquetOf({ logits: column('FLOAT[]', [1, 2], [3, 4]), labels: column('TINYINT', 2, 0) }),
    parquetOf({ logits: column('FLOAT[]', [1, 2, 3], [3, 4, 5]), labels: column('TINYINT', 2, 0) }),
  ]);
  const many = Array.from({ length: 150 }, (_, i) => contents[i < 140 ? i % 2 : i - 140 < 8 ? i - 140 : i % 2]);
  const files = await filesOf([...contents, ...contents.toReversed(), ...many], ['logits', 'labels']);
  expect(await read(files, true)).toEqual(await read(files, false));
});

test.each([
  ['the first', 0],
  ['one between', 2],
  ['the last', 4],
])('where %s cannot be read, those before it are, and it is named as by itself', async (_, bad) => {
  const lists = (...values: number[][]) => parquetOf({ logits: column('FLOAT[]', ...values) });
  const good = await lists([1, 2], [3, 4]);
  const contents: Buffer[] = Array.from({ length: 5 }, () => good);
  contents[bad] = await lists([1, 2], [3, 4, 5]);
  const files = await filesOf(contents, ['logits']);
  const found = await read(files, true);
  expect(found).toEqual(await read(files, false));
  expect(found).toHaveLength(bad + 1);
  expect(found[bad]).toContain(`${bad}.parquet[logits]: row 1: expected a list of 2 numbers`);
});

it('rows are not taken for those of another file where files have changed, and as many rows in all', async () => {
  const files = await filesOf(await Promise.all([small(0), small(1), small(2)]), ['logits']);
  writeFileSync(files[0][0].path, await small(0, 11));
  writeFileSync(files[1][0].path, await small(1, 9));
  const found = await read(files, true);
  expect(found).toHaveLength(2);
  expect(found[0]).toEqual([new Uint8Array(Float32Array.from({ length: 10 }, (_, row) => row).buffer)]);
  expect(found[1]).toContain('1.parquet[logits]: damaged: the footer says 10 rows, 9 were found');
});

it('rows of a run may be asked for from a later file on', async () => {
  const files = await filesOf(await Promise.all([0, 1, 2].map((i) => small(i))), ['logits', 'labels']);
  const alone = await read(files, false);
  for (const reader of await openParquetRows(files[0], 10, files.slice(1))) reader.close();
  const queries = await queriesOf(async () => expect(await read(files.slice(1), false)).toEqual(alone.slice(1)));
  expect(queries).toBe(1);
});

it('a run of which a file was not taken goes on with another', async () => {
  const files = await filesOf(await Promise.all([0, 1, 2, 3].map((i) => small(i))), ['logits']);
  const alone = await read(files, false);
  const [first, , third, fourth] = files;
  const [reader] = await openParquetRows(first, 10, files.slice(1));
  reader.close();
  expect(await read([third, fourth, ...files], true)).toEqual([alone[2], alone[3], ...alone]);
});
