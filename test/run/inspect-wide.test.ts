import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { inspect } from '../../src/index.ts';
import { BLOCK_READERS } from '../../src/sources/row-reader.ts';
import { folderOf } from '../sources/npy-files.ts';
import { type Column, parquetOf } from '../sources/parquet-files.ts';
import { framed } from '../sources/safetensors-files.ts';

const ROWS = 5;
const COLUMNS = 300;
const TYPES = ['FLOAT', 'INTEGER', 'DOUBLE', 'FLOAT[]', 'VARCHAR', 'TINYINT'];

/** Of six types in turn; the integers have a null, the lists are of two numbers. */
const columns: Record<string, Column> = Object.fromEntries(
  Array.from({ length: COLUMNS }, (_, c) => {
    const type = TYPES[c % TYPES.length];
    const number = (row: number): number => (type === 'TINYINT' ? row - 2 : c + row);
    const value = (row: number) => {
      if (type === 'INTEGER' && row === 3) return null;
      return type.endsWith(']') ? [number(row), -1] : type === 'VARCHAR' ? `text ${row}` : number(row);
    };
    return [`c${c}`, { type, values: Array.from({ length: ROWS }, (_, row) => value(row)) }];
  }),
);

describe('inspect of a table of 300 columns', () => {
  it('says of each column what it says of it alone, opened few times', async () => {
    const opened = vi.spyOn(BLOCK_READERS, 'parquet');
    const file = join(folderOf({ 'x.parquet': await parquetOf(columns) }), 'x.parquet');
    const { files } = await inspect(file);
    expect(files).toHaveLength(COLUMNS);
    for (const [c, found] of files.entries()) {
      const all = { min: c, max: c + ROWS - 1, elements: ROWS };
      const expected = [
        { dtype: 'float32', shape: [ROWS], range: all },
        { dtype: 'int32', shape: [ROWS] },
        { dtype: 'float64', shape: [ROWS], range: all },
        { dtype: 'float32', shape: [ROWS, 2], range: { min: -1, max: c + ROWS - 1, elements: 2 * ROWS } },
        { dtype: 'unreadable' },
        { dtype: 'int8', shape: [ROWS], range: { min: -2, max: 2, elements: ROWS } },
      ][c % TYPES.length];
      expect(found).toMatchObject({ key: `c${c}`, ...expected });
    }
    expect(opened.mock.calls.length).toBeLessThan(COLUMNS / 20);
  });

  it('names the column whose pages are damaged', async () => {
    const floats = Object.fromEntries(
      Array.from({ length: 80 }, (_, c) => [`c${c}`, { type: 'FLOAT', values: [c + 0.25, c + 0.5, c + 0.75] }]),
    );
    const bytes = await parquetOf(floats, { compression: 'uncompressed' });
    const page = bytes.indexOf(Buffer.from(new Float32Array([40.25, 40.5, 40.75]).buffer));
    expect(page).toBeGreaterThan(0);
    // the header of the page, and what says which of its rows have a value
    bytes.fill(0xff, page - 20, page);
    const file = join(folderOf({ 'x.parquet': bytes }), 'x.parquet');
    await expect(inspect(file)).rejects.toThrow('x.parquet[c40]: cannot be read as Parquet');
  });
});

describe('inspect of a file of more arrays than a call may have arguments', () => {
  it('lists them all', async () => {
    const many = 150_000;
    const entries = Array.from({ length: many }, (_, i) => `"a${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`);
    const header = `{${entries.join(',')}}`;
    const bytes = framed(header.padEnd(Math.ceil(header.length / 8) * 8));
    const { files } = await inspect(join(folderOf({ 'x.safetensors': bytes }), 'x.safetensors'));
    expect(files).toHaveLength(many);
    expect(files[many - 1]).toMatchObject({ key: `a${many - 1}`, shape: [0] });
  });
});
