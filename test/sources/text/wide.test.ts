import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GhmError } from '../../../src/errors.ts';
import { inspect } from '../../../src/index.ts';
import { openEach } from '../../../src/sources/container.ts';
import { openFile } from '../../../src/sources/open-file.ts';
import type { ArraySource } from '../../../src/sources/source.ts';
import { folderOf } from '../npy-files.ts';

const COLUMNS = 600;
const ROWS = 40;
const names = Array.from({ length: COLUMNS }, (_, column) => (column === 7 ? 'note' : `c${column}`));

/** Integers, with nulls, in even columns, halves in odd ones; one column of text. */
const valueAt = (row: number, column: number): number | string | null => {
  if (column === 7) return `note ${row}`;
  if (column % 2 === 1) return row + column / 2;
  return (row + column) % 13 === 0 ? null : row * column;
};
const table = Array.from({ length: ROWS }, (_, row) => names.map((_, column) => valueAt(row, column)));
const csv = [names, ...table].map((row) => row.map((value) => value ?? '').join(',')).join('\n');
const jsonl = table
  .map((row) => JSON.stringify(Object.fromEntries(row.map((value, column) => [names[column], value]))))
  .join('\n');

/** The numbers of an array in memory; those that stand for a null as `null`. */
function numbersOf(array: ArraySource): (number | null)[] {
  if (array.kind !== 'blocks' || array.reading.kind !== 'memory') throw new TypeError('not in memory');
  const { bytes } = array.reading;
  if (array.dtype === 'int64') {
    return [...new BigInt64Array(bytes)].map((value) => (value === -(2n ** 63n) ? null : Number(value)));
  }
  return [...new Float32Array(bytes)].map((value) => (Number.isNaN(value) ? null : value));
}

// a reading of the file for each column, which finds its form again, takes longer than a test may
describe.each([
  ['x.csv', csv],
  ['x.jsonl', jsonl],
])('a table of 600 columns in %s', (name, content) => {
  const file = () => ({ path: join(folderOf({ [name]: content }), name), name });

  it('gives every column, read together, as it does one by one', async () => {
    const container = await openFile(file());
    expect(container.keys).toEqual(names);
    const found: (ArraySource | GhmError)[] = [];
    for await (const one of openEach(container, names)) found.push(one);
    for (const [column, one] of found.entries()) {
      if (column === 7) expect(one).toBeInstanceOf(GhmError);
      else expect(numbersOf(one as ArraySource)).toEqual(table.map((row) => row[column]));
    }
    const alone = await container.open('c11');
    expect([alone.dtype, numbersOf(alone)]).toEqual(['float32', table.map((row) => row[11])]);
    await expect(container.open('note')).rejects.toThrow(
      `${name}[note]: unsupported type: expected a column of numbers or of lists of them, found VARCHAR in note`,
    );
  });

  it('is inspected, the column of text too', async () => {
    const { path } = file();
    const { files } = await inspect(path);
    expect(files).toHaveLength(COLUMNS);
    expect(files[7]).toMatchObject({ key: 'note', dtype: 'unreadable' });
    expect(files[8]).toMatchObject({ key: 'c8', dtype: 'int64', shape: [ROWS], range: { max: 8 * (ROWS - 1) } });
    expect(files[599]).toMatchObject({ key: 'c599', dtype: 'float32', range: { min: 299.5, max: 299.5 + ROWS - 1 } });
  });
});

it('of columns that are read together, one that DuckDB found a number and cannot read as one is named, and the others are given', async () => {
  const lines = ['a,b,c,d', '1.5,2.5,2,3', '2.5,0x1f,5,6'];
  const name = 'hex.csv';
  const { files } = await inspect(join(folderOf({ [name]: lines.join('\n') }), name));
  expect(files.map(({ key, dtype }) => [key, dtype])).toEqual([
    ['a', 'float32'],
    ['b', 'unreadable'],
    ['c', 'int64'],
    ['d', 'int64'],
  ]);
});
