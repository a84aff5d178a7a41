import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { GhmError } from '../../src/errors.ts';
import { type OutputDtype, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, SAMPLE } from './command.ts';
import { npy, readFloats } from './npy-data.ts';

const sample = {
  logits: join(SAMPLE, 'logits.npy'),
  labels: join(SAMPLE, 'labels.npy'),
  labelWeights: join(SAMPLE, 'label_weights.npy'),
};

interface Table {
  readonly names: readonly string[];
  readonly types: readonly string[];
  /** Values, row after row. */
  readonly values: readonly number[];
}

async function readParquet(path: string): Promise<Table> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const read = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
  const table = {
    names: read.columnNames(),
    types: read.columnTypes().map(String),
    values: read.getRows().flat().map(Number),
  };
  connection.closeSync();
  instance.closeSync();
  return table;
}

function readArrow(path: string): Table {
  const table = tableFromIPC(readFileSync(path));
  const columns = table.schema.fields.map((_, c) => table.getChildAt(c)?.toArray() ?? []);
  return {
    names: table.schema.names.map(String),
    types: table.schema.fields.map(({ type }) => String(type)),
    values: Array.from({ length: table.numRows }, (_, row) => columns.map((column) => Number(column[row]))).flat(),
  };
}

const readers = { parquet: readParquet, arrow: readArrow } as const;
const types = {
  parquet: { float32: 'FLOAT', float16: 'FLOAT', code: 'UTINYINT' },
  arrow: { float32: 'Float32', float16: 'Float32', code: 'Uint8' },
} as const;

/** The rows of an .npy of weights or codes, by its header. */
function wantedOf(path: string, dtype: OutputDtype): number[] {
  if (dtype !== 'code') return readFloats(path).values;
  const file = readFileSync(path);
  return [...file.subarray(10 + file.readUInt16LE(8))];
}

describe.each(['parquet', 'arrow'] as const)('--format %s', (format) => {
  it.each(['float32', 'float16', 'code'] as const)(
    'has the %s of the .npy, a column a class, in row order',
    async (dtype) => {
      const folder = folderOf({});
      const options = { ...sample, outputDtype: dtype } as const;
      await reweight({ ...options, out: join(folder, 'plain') });
      const { outputs } = await reweight({ ...options, format, out: join(folder, 'out') });
      const array = dtype === 'code' ? 'code' : 'beta';
      const [{ path, ...written }] = outputs;
      expect(path).toBe(`logits.${array}.${format}`);
      const file = readFileSync(join(folder, 'out', path));
      expect(written).toEqual({ bytes: file.length, crc32: crc32(file).toString(16).padStart(8, '0') });

      const table = await readers[format](join(folder, 'out', path));
      expect(table.names).toEqual([0, 1, 2].map((c) => `${array}_${c}`));
      expect(new Set(table.types)).toEqual(new Set([types[format][dtype]]));
      expect(table.values).toEqual(wantedOf(join(folder, `plain/logits.${array}.npy`), dtype));
    },
  );

  it('is the same bytes for any number of threads, a file for each part, also an empty one', async () => {
    const folder = folderOf({
      'in/a.npy': npy('float32', [3], [-3, -2, 2]),
      'in/a-labels.npy': npy('uint8', [3], [0, 1, 0]),
      "in/b'.npy": npy('float16', [4, 1], [-3, 0, 0.5, 5]),
      "in/b'-labels.npy": npy('uint8', [4, 1], [0, 1, 0, 0]),
      'in/sub/empty.npy': npy('float32', [0, 2], []),
      'in/sub/empty-labels.npy': npy('int64', [0], []),
    });
    const run = (out: string, threads: string) =>
      runGhm(
        ['reweight', '--logits', 'in/**/*[!s].npy', '--labels', 'in/**/*-labels.npy', '--quiet'].concat([
          '--format',
          format,
          '--threads',
          threads,
          '--out',
          out,
        ]),
        folder,
      );
    expect(await run('one', '1')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await run('two', '2')).toMatchObject({ exitCode: 0, stderr: '' });
    const names = ['a', "b'", 'sub/empty'];
    for (const name of names) {
      const [one, two] = ['one', 'two'].map((out) => readFileSync(join(folder, out, `${name}.beta.${format}`)));
      expect(one.equals(two), name).toBe(true);
    }
    if (format === 'parquet') return;
    const read = names.map((name) => readArrow(join(folder, 'one', `${name}.beta.arrow`)));
    expect(read.map((table) => table.names)).toEqual([['beta'], ['beta'], ['beta_0', 'beta_1']]);
    expect(read.map(({ values }) => values.length)).toEqual([3, 4, 0]);
  });

  it('leaves nothing behind where the run is stopped while it is written', async () => {
    const folder = folderOf({});
    const stop = new AbortController();
    const stopped = reweight({
      ...sample,
      format,
      out: join(folder, 'out'),
      signal: stop.signal,
      onProgress: ({ pass }) => pass === 'weigh' && stop.abort(),
    });
    await expect(stopped).rejects.toThrow(new GhmError(130, 'interrupted: nothing was written'));
    expect(() => readFileSync(join(folder, 'out'))).toThrow('ENOENT');
  });
});
