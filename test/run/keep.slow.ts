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

  it.each([undefined, 'lz4'] as const)('carries columns of Arrow into Parquet (compression: %s)', async (codec) => {
    const some = <T>(value: (row: number) => T) => ids.map((_, row) => (row % 11 === 5 ? null : value(row)));
    const day = Date.UTC(2020, 1, 29);
    const columns: Record<string, readonly [type: arrow.DataType, sql: string, values: readonly unknown[]]> = {
      crowd: [new arrow.Bool(), 'BOOLEAN', some((row) => row % 3 === 0)],
      i8: [new arrow.Int8(), 'TINYINT', some((row) => (row % 256) - 128)],
      u16: [new arrow.Uint16(), 'USMALLINT', some((row) => 65_535 - row)],
      i64: [new arrow.Int64(), 'BIGINT', some((row) => BigInt(row) * -(2n ** 50n))],
      u64: [new arrow.Uint64(), 'UBIGINT', some((row) => 2n ** 64n - 1n - BigInt(row))],
      half: [new arrow.Float16(), 'FLOAT', some((row) => (row % 2048) / 8)],
      area: [new arrow.Float64(), 'DOUBLE', some((row) => row / 10)],
      text: [new arrow.Utf8(), 'VARCHAR', names.map((name, row) => (row % 13 === 0 ? 'a\0 é' : name))],
      kind: [
        new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
        'VARCHAR',
        some((row) => (row % 2 === 0 ? 'background' : 'cell')),
      ],
      day: [new arrow.DateDay(), 'DATE', some((row) => new Date(day + 86_400_000 * row))],
      second: [new arrow.TimestampSecond(), 'TIMESTAMP_S', some((row) => day + 1000 * row)],
      micro: [new arrow.TimestampMicrosecond(), 'TIMESTAMP', some((row) => day + row)],
    };
    const made = Object.entries(columns).map(([name, [type, , values]]) => [name, arrow.vectorFromArray(values, type)]);
    const folder = folderOf({
      ...arrays,
      'in.arrow': arrowOf({ ...vectors(), ...Object.fromEntries(made) }, 1100, codec),
    });
    const weights = await kept(folder, 'in.arrow', 'parquet', Object.keys(columns).join(','));
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const out = `'${join(folder, 'out/in.beta.parquet')}'`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${out}`);
    const types = described.getRows().map(([name, type]) => `${name} ${type}`);
    const expected = Object.entries(columns).map(([name, [, sql]]) => `${name} ${sql}`);
    expect(types).toEqual(
      [...expected, 'beta_0 FLOAT', 'beta_1 FLOAT'].map((type) => type.replace('TIMESTAMP_S', 'TIMESTAMP')),
    );
    const times = '* REPLACE (epoch_ms(day) AS day, epoch_ms(second) AS second, epoch_ms(micro) AS micro)';
    const read = await connection.runAndReadAll(`SELECT ${times} FROM ${out}`);
    const asNumber = (value: unknown) => (value instanceof Date ? value.getTime() : value);
    const plain = (row: readonly unknown[]) =>
      row.map((value) => (typeof value === 'bigint' ? Number(value) : asNumber(value)));
    const rows = ids.map((_, row) => [
      ...Object.values(columns).map(([, , values]) => values[row]),
      weights[2 * row],
      weights[2 * row + 1],
    ]);
    expect(read.getRows().map(plain)).toEqual(rows.map(plain));
    connection.closeSync();
    instance.closeSync();
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
    const timed = { ...vectors(), age: arrow.vectorFromArray(ids.map(BigInt), new arrow.DurationSecond()) };
    expect(await refusal('arrow', arrowOf(timed, 1100), { format: 'parquet', keep: 'age' })).toBe(
      '2: --keep age: is of type Duration<SECOND>, which --format parquet does not carry; --format arrow does',
    );
    const lists = await parquetOf({
      logits: { type: 'FLOAT', values: [1, 2] },
      label: { type: 'TINYINT', values: [0, 1] },
      price: { type: 'DECIMAL(5,2)', values: [1, null] },
    });
    expect(await refusal('parquet', lists, { format: 'arrow', keep: 'price' })).toBe(
      '2: --keep price: is of type DECIMAL(5,2), which --format arrow does not carry; --format parquet does',
    );
    const plain = ['--logits', 'x.npy', '--labels', 'y.npy', '--out', 'out'];
    expect(
      await runGhm(['reweight', ...plain, '--format', 'parquet', '--keep', 'name'], folderOf(arrays)),
    ).toMatchObject({
      exitCode: 2,
      stderr:
        'ghm: --keep: takes columns of parquet, arrow, csv, jsonl inputs into --format parquet, and x.npy is npy; join it to the outputs by row instead\n',
    });
    expect(await refusal('parquet', file, { keep: 'name' })).toBe(
      '2: --keep: a file of npy has no columns; expected --format parquet or --format arrow',
    );
  });
});
