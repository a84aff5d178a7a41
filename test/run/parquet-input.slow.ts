import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import type { ReweightOptions } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { type Column, type ParquetForm, parquetOf } from '../sources/parquet-files.ts';
import { runGhm } from './command.ts';
import { CLASSES, labels, logits, ROWS, refusal, wanted, weighedTable, weights } from './table-samples.ts';

const logitColumn = (c: number, type = 'FLOAT'): Column => ({
  type,
  values: Array.from({ length: ROWS }, (_, row) => logits[row * CLASSES + c]),
});
const columns = {
  anchor: { type: 'VARCHAR', values: labels.map((_, row) => `a${row}`) },
  logit_0: logitColumn(0),
  logit_10: logitColumn(2),
  logit_2: logitColumn(1),
  label: { type: 'BIGINT', values: labels },
  label_weight: { type: 'FLOAT', values: weights },
};

const NPY_HEADER = 128;

/** Cuts a file into `count` of equally many rows but for the first ones; every seventh has its columns in other types and order. */
async function cutInto(count: number, path: string, folder: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const names = Array.from({ length: count }, (_, i) => `part-${i}.parquet`);
  for (const [i, name] of names.entries()) {
    const [first, end] = [i, i + 1].map((k) => Math.floor((k / count) ** 2 * ROWS));
    const other = 'label::TINYINT AS label, logit_2, logit_10, label_weight::DOUBLE AS label_weight, logit_0';
    await connection.run(
      `COPY (SELECT ${i % 7 === 3 ? other : '*'} FROM '${path}' LIMIT ${end - first} OFFSET ${first}) ` +
        `TO '${join(folder, name)}' (FORMAT parquet)`,
    );
  }
  connection.closeSync();
  instance.closeSync();
  return names;
}

const weighed = (file: Uint8Array, options?: Partial<ReweightOptions>, shardSamples?: number) =>
  weighedTable('parquet', file, options, shardSamples);
const failure = (file: Uint8Array, options?: Partial<ReweightOptions>) => refusal('parquet', file, options);

describe('a Parquet file gives the very bytes of its .npy form', () => {
  const forms: [string, ParquetForm][] = [
    ['uncompressed, one row group', { compression: 'uncompressed' }],
    ['zstd, three row groups', { compression: 'zstd', rowGroupRows: 2048 }],
    ['snappy, version 2 pages', { compression: 'snappy', version: 'V2', rowGroupRows: 2048 }],
    ['gzip', { compression: 'gzip' }],
  ];
  it.each(forms)('%s', async (_, form) => {
    expect(await weighed(await parquetOf(columns, form))).toEqual(await wanted());
  });

  it('for any shard size, memory and number of threads', async () => {
    const file = await parquetOf(columns, { rowGroupRows: 2048 });
    const expected = await wanted();
    for (const [threads, memory, shardSamples] of [
      [1, '8MiB', 1000],
      [2, '16MiB', 7000],
      [3, '256MiB', 1_000_000],
    ] as const) {
      expect(await weighed(file, { threads, memory }, shardSamples)).toEqual(expected);
    }
  });

  it.each([1, 3])(
    'cut into 300 files, in a list that has some of them in other forms, with %i threads',
    async (threads) => {
      const folder = folderOf({ 'x.parquet': await parquetOf(columns, { rowGroupRows: 2048 }) });
      const names = await cutInto(300, join(folder, 'x.parquet'), folder);
      writeFileSync(join(folder, 'list.txt'), names.join('\n'));
      const run = await runGhm(['reweight', '@list.txt', '--out', 'out', '--quiet', '--threads', `${threads}`], folder);
      expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      const betas = names.map((name) => readFileSync(join(folder, 'out', name.replace('.parquet', '.beta.npy'))));
      const { beta } = await wanted();
      expect(Buffer.concat(betas.map((file) => file.subarray(NPY_HEADER)))).toEqual(beta.subarray(NPY_HEADER));
    },
  );

  it('with lists of floats as rows of logits, through the command', async () => {
    const lists: Column = {
      type: 'FLOAT[]',
      values: labels.map((_, row) => [...logits.subarray(row * CLASSES, (row + 1) * CLASSES)]),
    };
    const file = await parquetOf({ scores: lists, cls: columns.label, label_weight: columns.label_weight });
    const folder = folderOf({ 'x.parquet': file });
    const keys = ['--logits-key', 'scores', '--labels-key', 'cls'];
    const run = await runGhm(['reweight', 'x.parquet', ...keys, '--out', 'out', '--quiet'], folder);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(join(folder, 'out/x.beta.npy'))).toEqual((await wanted()).beta);
  });

  it('with float and double columns side by side, and the keys of other names', async () => {
    const file = await parquetOf({
      z_a: logitColumn(0),
      z_b: logitColumn(1, 'DOUBLE'),
      z_c: logitColumn(2),
      label: columns.label,
    });
    const plain = await parquetOf({
      z_a: logitColumn(0),
      z_b: logitColumn(1),
      z_c: logitColumn(2),
      label: columns.label,
    });
    const both = [await weighed(file, { logitsKey: 'z_*' }), await weighed(plain, { logitsKey: 'z_*' })];
    expect(both[0].beta).toEqual(both[1].beta);
  });

  it.each(['BOOLEAN', 'TINYINT', 'USMALLINT', 'UBIGINT', 'DOUBLE'])(
    'with binary labels and weights of %s',
    async (type) => {
      const binary = labels.map((label) => (label === 0 ? 1 : 0));
      const table = (type: string) => ({
        logits: logitColumn(0),
        labels: { type, values: binary },
        label_weights: { type, values: weights },
      });
      expect(await weighed(await parquetOf(table(type)))).toEqual(await weighed(await parquetOf(table('FLOAT'))));
    },
  );
});

describe('nulls in Parquet leave out what they stand for', () => {
  const ignoring = [2, 7, 4999];
  const withNulls = (column: Column): Column => ({
    ...column,
    values: column.values.map((value, row) => (ignoring.includes(row) ? null : value)),
  });
  const without = async () => {
    const masked = weights.map((weight, row) => (ignoring.includes(row) ? 0 : weight));
    return weighed(await parquetOf({ ...columns, label_weight: { type: 'FLOAT', values: masked } }));
  };

  it.each(['UTINYINT', 'BIGINT'])('labels of %s, whatever the ignore label', async (type) => {
    const file = await parquetOf({ ...columns, label: withNulls({ type, values: labels }) });
    const { beta } = await without();
    expect((await weighed(file)).beta).toEqual(beta);
    expect((await weighed(file, { ignoreLabel: 200 })).beta).toEqual(beta);
  });

  it.each(['FLOAT', 'BOOLEAN'])('label weights of %s', async (type) => {
    const file = await parquetOf({ ...columns, label_weight: withNulls({ type, values: weights }) });
    expect((await weighed(file)).beta).toEqual((await without()).beta);
  });
});

describe('a Parquet file is refused', () => {
  const lists = (values: Column['values']) => ({
    logits: { type: 'FLOAT[]', values },
    label: { type: 'INTEGER', values: [0, 1, 2] },
  });
  it.each([
    [
      'lists of different lengths',
      lists([[1, 2], [3, 4], [5]]),
      '3: x.parquet[logits]: row 2: expected a list of 2 numbers, as in the first row, found 1',
    ],
    [
      'text',
      { logits: { type: 'VARCHAR', values: ['1'] }, label: { type: 'INTEGER', values: [0] } },
      '3: x.parquet[logits]: unsupported type: expected a column of numbers (integer, boolean, float, double or float16) or of lists of them, found VARCHAR',
    ],
    [
      'no logits',
      { x: { type: 'FLOAT', values: [1] }, label: { type: 'INTEGER', values: [0] } },
      '3: x.parquet: holds no column "logits"; it holds x, label. Name it with --logits-key KEY',
    ],
    [
      'no rows',
      { logits: { type: 'FLOAT', values: [] }, label: { type: 'INTEGER', values: [] } },
      '3: no samples: x.parquet[logits] is float32 [0]; expected at least one logit',
    ],
  ] as const)('with %s', async (_, table, message) => {
    expect(await failure(await parquetOf(table))).toBe(message);
  });

  it('that changes during the run', async () => {
    const file = await parquetOf(columns);
    expect(await failure(file.subarray(0, file.length - 1))).toMatch(
      /^3: x\.parquet: cannot be read as Parquet: .*\. Is it whole\?$/,
    );
  });
});
