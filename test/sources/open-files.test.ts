import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { InputFile } from '../../src/sources/discover.ts';
import { openFile } from '../../src/sources/open-file.ts';
import { openFiles } from '../../src/sources/open-files.ts';
import { folderOf, zeros } from './npy-files.ts';
import { type Column, parquetOf } from './parquet-files.ts';

const column = (type: string, ...values: Column['values']): Column => ({ type, values });
const logits = (...values: number[]) => column('FLOAT', ...values);

/** Files of these contents, opened as one list. */
const listOf = (folder: string, names: readonly string[]): InputFile[] =>
  names.map((name) => ({ path: join(folder, name), name }));

/** What is known of every column, and the message of what cannot be opened. */
async function facts(files: readonly InputFile[], how: 'each' | 'together'): Promise<unknown[]> {
  const containers = how === 'together' ? openFiles(files) : eachAlone(files);
  const found: unknown[] = [];
  try {
    for await (const { open, ...container } of containers) {
      const arrays = await Promise.all(
        container.keys.map(async (key) => {
          try {
            return await open(key);
          } catch (error) {
            return String(error);
          }
        }),
      );
      found.push({ ...container, arrays });
    }
  } catch (error) {
    found.push(String(error));
  }
  return found;
}

async function* eachAlone(files: readonly InputFile[]) {
  for (const file of files) yield await openFile(file);
}

describe('files of a list are known as each by itself', () => {
  it('Parquet of one schema and of others, with names of any sort, given twice, among other formats', async () => {
    const plain = await parquetOf({ logits: logits(1, 2, 3), label: column('TINYINT', 0, 1, 0) });
    const folder = folderOf({
      'a.parquet': plain,
      'b[1]*.parquet': plain,
      "c'?.parquet": await parquetOf({ logits: logits(1, 2), label: column('TINYINT', 0, null) }),
      'd.parquet': await parquetOf({ logits: column('DOUBLE', 1, 2), label: column('TINYINT', 0, 1) }),
      'e.parquet': await parquetOf({ label: column('TINYINT', 0), logits: logits(1) }),
      'f.parquet': await parquetOf({ logits: column('FLOAT[]', [1, 2], [3, 4]), text: column('VARCHAR', 'x', 'y') }),
      'g.parquet': await parquetOf(
        { logits: logits(...Array.from({ length: 5000 }, (_, i) => i)) },
        { rowGroupRows: 2048 },
      ),
      'h.npy': zeros('float32', 4),
      'i.parquet': zeros('float32', 5),
      'j.data': plain,
    });
    const names = ['a', 'b[1]*', 'a', "c'?", 'd', 'e', 'f', 'g'].map((name) => `${name}.parquet`);
    const files = listOf(folder, [...names, 'h.npy', 'i.parquet', 'a.parquet', 'd.parquet', 'j.data', 'e.parquet']);
    const together = await facts(files, 'together');
    expect(together).toEqual(await facts(files, 'each'));
    expect(together).toHaveLength(files.length);
  });

  it('more of them than are asked about at once', async () => {
    const contents = await Promise.all(
      [[1], [1, 2], [1, 2, 3]].map((values) => parquetOf({ logits: logits(...values) })),
    );
    const folder = folderOf();
    const names = Array.from({ length: 600 }, (_, i) => `${i}.parquet`);
    for (const [i, name] of names.entries()) writeFileSync(join(folder, name), contents[i % 3]);
    const rows: number[] = [];
    for await (const { open } of openFiles(listOf(folder, names))) rows.push((await open('logits')).rows);
    expect(rows).toEqual(names.map((_, i) => (i % 3) + 1));
  });
});

const withByte = (file: Buffer, at: number, byte: number): Buffer => {
  const changed = Buffer.from(file);
  changed[at] = byte;
  return changed;
};

test.each([
  ['is missing', (_: Buffer) => undefined],
  ['is cut off', (file: Buffer) => file.subarray(0, file.length - 3)],
  ['has a damaged footer', (file: Buffer) => Buffer.from(file).fill(0xff, file.length - 60, file.length - 20)],
  [
    'contradicts itself',
    (file: Buffer) => Buffer.from(file.toString('latin1').replace('logits', 'logit\xff'), 'latin1'),
  ],
  ['is of a type that ends DuckDB', (file: Buffer) => withByte(file, file.lastIndexOf('labels') + 7, 0x2a)],
])('where one %s, all before it are opened, and it is named as by itself', async (_, damage) => {
  const file = await parquetOf({ logits: logits(1, 2, 3), labels: column('TINYINT', 0, 1, 0) });
  const folder = folderOf({ 'a.parquet': file, 'b.parquet': file, 'd.parquet': file });
  const damaged = damage(file);
  if (damaged !== undefined) writeFileSync(join(folder, 'c.parquet'), damaged);
  const files = listOf(folder, ['a.parquet', 'b.parquet', 'c.parquet', 'd.parquet']);
  const together = await facts(files, 'together');
  expect(together).toEqual(await facts(files, 'each'));
  expect(together.slice(0, 2)).toMatchObject([{ name: 'a.parquet' }, { name: 'b.parquet' }]);
  expect(String(together[2])).toContain('c.parquet');
});
