import { expect, it } from 'vitest';
import { breathing } from '../../src/breath.ts';
import { pickRows } from '../../src/sources/pick-rows.ts';
import type { ArraySource, ReadableArray } from '../../src/sources/source.ts';
import { npy } from '../run/npy-data.ts';
import { uniform } from '../run/random-parts.ts';
import { parquetOf } from './parquet-files.ts';
import { arrayOf } from './rows-of.ts';

function readable(source: ArraySource): ReadableArray {
  if (source.kind === 'packed') throw new TypeError('packed');
  return source;
}

const valueAt = (row: number, column: number): number => (7 * row + 3 * column) % 100_003;

/** Some rows of so many, dense here and sparse there, twice and in no order. */
function someRows(rows: number, random: () => number): number[] {
  const near = Array.from({ length: rows }, (_, i) => i).filter((i) => random() < (i < rows / 3 ? 0.9 : 0.003));
  const ends = [0, rows - 1, rows - 1];
  return [...near, ...near.slice(0, 50), ...ends].sort(() => random() - 0.5);
}

it.each([
  ['of one number', 60_000, 1],
  ['of a few', 20_000, 7],
  ['larger than is read at once', 40, 20_000],
])('rows %s are what they are, whichever are asked for', async (_, rows, columns) => {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => valueAt(Math.floor(i / columns), i % columns));
  const source = readable(await arrayOf(npy('float32', [rows, columns], values), 'x.npy'));
  const asked = someRows(rows, uniform(rows));
  const picked = await pickRows(source, asked, breathing());
  expect([...picked.keys()]).toEqual([...new Set(asked)].sort((a, b) => a - b));
  for (const [row, found] of picked) {
    expect(found).toEqual(Array.from({ length: columns }, (_, column) => valueAt(row, column)));
  }
});

it('of no rows there are none', async () => {
  const source = readable(await arrayOf(npy('uint8', [3], [1, 2, 3]), 'x.npy'));
  expect((await pickRows(source, [], breathing())).size).toBe(0);
});

it('rows of several row groups are what they are', async () => {
  const rows = 9000;
  const column = { type: 'INTEGER', values: Array.from({ length: rows }, (_, row) => valueAt(row, 0)) };
  const source = readable(await arrayOf(await parquetOf({ x: column }, { rowGroupRows: 2048 }), 'x.parquet', 'x'));
  const asked = someRows(rows, uniform(5));
  const picked = await pickRows(source, asked, breathing());
  expect([...picked]).toEqual([...new Set(asked)].sort((a, b) => a - b).map((row) => [row, [valueAt(row, 0)]]));
});
