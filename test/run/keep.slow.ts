import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { arrowOf } from '../sources/arrow-files.ts';
import { folderOf } from '../sources/npy-files.ts';
import { parquetOf } from '../sources/parquet-files.ts';
import { runGhm } from './command.ts';
import { npy, readFloats } from './npy-data.ts';
import { refusal } from './table-samples.ts';

const ROWS = 3000;
const logits = Array.from({ length: 2 * ROWS }, (_, i) => Math.round(400 * Math.sin(i * i)) / 64);
const labels = Array.from({ length: ROWS }, (_, i) => (i % 50 === 0 ? i % 2 : 2));
const names = Array.from({ length: ROWS }, (_, row) =>
  row % 9 === 4 ? null : row % 2 === 0 ? `image ${row}` : `an image of a longer name ${row}`,
);
const ids = Array.from({ length: ROWS }, (_, row) => Math.floor(row / 7));
const column = (c: number) => Array.from({ length: ROWS }, (_, row) => logits[2 * row + c]);

const parquet = () =>
  parquetOf(
    {
      logit_0: { type: 'FLOAT', values: column(0) },
      name: { type: 'VARCHAR', values: names },
      logit_1: { type: 'FLOAT', values: column(1) },
      image_id: { type: 'INTEGER', values: ids },
      label: { type: 'TINYINT', values: labels },
    },
    { rowGroupRows: 2048 },
  );

const vectors = () => ({
  logit_0: arrow.makeVector(Float32Array.from(column(0))),
  name: arrow.vectorFromArray(names, new arrow.Utf8()),
  logit_1: arrow.makeVector(Float32Array.from(column(1))),
  kind: arrow.vectorFromArray(labels.map((label) => (label === 2 ? 'background' : 'cell'))),
  image_id: arrow.makeVector(Int32Array.from(ids)),
  label: arrow.makeVector(Int8Array.from(labels)),
});

/** Runs the command on a table file in the folder, and returns the weights of the same samples as .npy. */
async function kept(folder: string, file: string, format: string, keep: string): Promise<number[]> {
  const run = await runGhm(['reweight', file, '--format', format, '--keep', keep, '--out', 'out', '--quiet'], folder);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  const plain = ['--logits', 'x.npy', '--labels', 'y.npy', '--out', 'plain', '--quiet'];
  expect(await runGhm(['reweight', ...plain], folder)).toMatchObject({ exitCode: 0, stderr: '' });
  return readFloats(join(folder, 'plain/x.beta.npy')).values;
}

const arrays = { 'x.npy': npy('float32', [ROWS, 2], logits), 'y.npy': npy('int64', [ROWS], labels) };

describe('--keep', () => {
  it('carries columns of Parquet into Parquet, types and nulls and order as they are, before the weights', async () => {
    const folder = folderOf({ ...arrays, 'in.parquet': await parquet() });
    const weights = await kept(folder, 'in.parquet', 'parquet', 'image_id,name');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(`SELECT * FROM '${join(folder, 'out/in.beta.parquet')}'`);
    expect(read.columnNames()).toEqual(['image_id', 'name', 'beta_0', 'beta_1']);
    expect(read.columnTypes().map(String)).toEqual(['INTEGER', 'VARCHAR', 'FLOAT', 'FLOAT']);
    expect(read.getRows()).toEqual(ids.map((id, row) => [id, names[row], weights[2 * row], weights[2 * row + 1]]));
    connection.closeSync();
    instance.closeSync();
  });

  it.each([undefined, 'lz4'] as const)('carries columns of Arrow into Arrow (compression: %s)', async (codec) => {
    const folder = folderOf({ ...arrays, 'in.arrow': arrowOf(vectors(), 1100, codec) });
    const weights = await kept(folder, 'in.arrow', 'arrow', 'name,kind,image_id');
    const table = arrow.tableFromIPC(readFileSync(join(folder, 'out/in.beta.arrow')));
    expect(table.schema.names).toEqual(['name', 'kind', 'image_id', 'beta_0', 'beta_1']);
    const rows = table.toArray().map((row) => Object.values(row.toJSON()));
    const kinds = labels.map((label) => (label === 2 ? 'background' : 'cell'));
    expect(rows).toEqual(ids.map((id, row) => [names[row], kinds[row], id, weights[2 * row], weights[2 * row + 1]]));
  });

  it.each([
    ['csv', ','],
    ['tsv', '\t'],
    ['jsonl', null],
  ] as const)('carries columns of %s into Parquet: integers, floats, booleans, text and nulls', async (format, by) => {
    const table = ids.map((image_id, row) => ({
      logit_0: logits[2 * row],
      logit_1: logits[2 * row + 1],
      label: labels[row],
      image_id,
      height: row / 8,
      crowd: row % 3 === 0,
      name: names[row],
    }));
    const lines =
      by === null
        ? table.map((row) => JSON.stringify(row))
        : [Object.keys(table[0]), ...table.map((row) => Object.values(row).map((value) => value ?? ''))].map((row) =>
            row.join(by),
          );
    const folder = folderOf({ ...arrays, [`in.${format}`]: `${lines.join('\n')}\n` });
    const weights = await kept(folder, `in.${format}`, 'parquet', 'image_id,height,crowd,name');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(`SELECT * FROM '${join(folder, 'out/in.beta.parquet')}'`);
    expect(read.columnTypes().map(String)).toEqual(['BIGINT', 'DOUBLE', 'BOOLEAN', 'VARCHAR', 'FLOAT', 'FLOAT']);
    expect(
      read.getRows().map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value))),
    ).toEqual(
      table.map(({ image_id, height, crowd, name }, row) => [
        image_id,
        height,
        crowd,
        name,
        weights[2 * row],
        weights[2 * row + 1],
      ]),
    );
    connection.closeSync();
    instance.closeSync();
  });

  it('carries columns of Parquet into Arrow: numbers, booleans, days, times, text and nulls', async () => {
    const rows = ids.map((_, row) => row % 11 === 5);
    const folder = folderOf({
      ...arrays,
      'in.parquet': await parquetOf(
        {
          logit_0: { type: 'FLOAT', values: column(0) },
          logit_1: { type: 'FLOAT', values: column(1) },
          label: { type: 'TINYINT', values: labels },
          name: { type: 'VARCHAR', values: names },
          crowd: { type: 'BOOLEAN', values: rows.map((none, row) => (none ? null : row % 3 === 0)) },
          area: { type: 'DOUBLE', values: rows.map((none, row) => (none ? null : row / 8)) },
          big: { type: 'BIGINT', values: rows.map((none, row) => (none ? null : row * 2 ** 40)) },
          day: { type: 'DATE', values: rows.map((none) => (none ? null : '2020-02-29')) },
          time: { type: 'TIMESTAMP', values: rows.map((none) => (none ? null : '2020-02-29 01:02:03')) },
        },
        { rowGroupRows: 2048 },
      ),
    });
    const weights = await kept(folder, 'in.parquet', 'arrow', 'name,crowd,area,big,day,time');
    const table = arrow.tableFromIPC(readFileSync(join(folder, 'out/in.beta.arrow')));
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'name: Utf8',
      'crowd: Bool',
      'area: Float64',
      'big: Int64',
      'day: Date32<DAY>',
      'time: Timestamp<MICROSECOND>',
      'beta_0: Float32',
      'beta_1: Float32',
    ]);
    const values = (name: string) => [...(table.getChild(name) ?? [])];
    expect(values('name')).toEqual(names);
    expect(values('crowd')).toEqual(rows.map((none, row) => (none ? null : row % 3 === 0)));
    expect(values('area')).toEqual(rows.map((none, row) => (none ? null : row / 8)));
    expect(values('big')).toEqual(rows.map((none, row) => (none ? null : BigInt(row * 2 ** 40))));
    expect(values('day').map((day) => day && Number(day))).toEqual(
      rows.map((none) => (none ? null : Date.UTC(2020, 1, 29))),
    );
    expect(values('time').map((time) => time && Number(time))).toEqual(
      rows.map((none) => (none ? null : Date.UTC(2020, 1, 29, 1, 2, 3))),
    );
    expect(values('beta_1')).toEqual(ids.map((_, row) => weights[2 * row + 1]));
  });

  it.each([
    [
      'csv',
      () => [
        'logit_0,logit_1,label,id,name',
        ...ids.map((id, i) => `${column(0)[i]},${column(1)[i]},${labels[i]},${id},${names[i] ?? ''}`),
      ],
    ],
    [
      'jsonl',
      () =>
        ids.map((id, i) =>
          JSON.stringify({ logit_0: logits[2 * i], logit_1: logits[2 * i + 1], label: labels[i], id, name: names[i] }),
        ),
    ],
  ])('carries columns of %s into Arrow', async (format, lines) => {
    const folder = folderOf({ ...arrays, [`in.${format}`]: `${lines().join('\n')}\n` });
    const weights = await kept(folder, `in.${format}`, 'arrow', 'name,id');
    const table = arrow.tableFromIPC(readFileSync(join(folder, 'out/in.beta.arrow')));
    const rows = table.toArray().map((row) => Object.values(row.toJSON()));
    expect(rows).toEqual(ids.map((id, row) => [names[row], BigInt(id), weights[2 * row], weights[2 * row + 1]]));
  });

  it('is refused where it cannot be done', async () => {
    const file = await parquet();
    expect(await refusal('parquet', file, { format: 'parquet', keep: ['imageid'] })).toBe(
      '3: x.parquet: holds no column "imageid" to keep; it holds logit_0, name, logit_1, image_id, label. Did you mean image_id?',
    );
    expect(await refusal('parquet', file, { format: 'parquet', keep: ['beta_1'] })).toBe(
      '2: --keep beta_1: is what a column of weights is called',
    );
    expect(await refusal('arrow', arrowOf(vectors(), 1100), { format: 'parquet', keep: 'name' })).toBe(
      '2: --keep: takes columns of parquet, csv, jsonl inputs into --format parquet, and x.arrow[logit_*] is arrow; join it to the outputs by row instead',
    );
    const lists = await parquetOf({
      logits: { type: 'FLOAT', values: [1, 2] },
      label: { type: 'TINYINT', values: [0, 1] },
      price: { type: 'DECIMAL(5,2)', values: [1, null] },
    });
    expect(await refusal('parquet', lists, { format: 'arrow', keep: 'price' })).toBe(
      '2: --keep price: is of type DECIMAL(5,2), which --format arrow does not carry; --format parquet does',
    );
    expect(await refusal('parquet', file, { keep: 'name' })).toBe(
      '2: --keep: a file of npy has no columns; expected --format parquet or --format arrow',
    );
  });
});
