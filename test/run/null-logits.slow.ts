import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { ReweightOptions } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { arrowOf } from '../sources/arrow-files.ts';
import { folderOf } from '../sources/npy-files.ts';
import { type Column, parquetOf } from '../sources/parquet-files.ts';
import { runGhm } from './command.ts';
import { halfBits, npy } from './npy-data.ts';
import { CLASSES, labels, logits, ROWS, refusal, type Weighed, weighedTable, weights } from './table-samples.ts';

// Nulls in single logits and in whole rows. What is wanted are the weights and the density of the same samples as .npy,
// where label weights leave out what is null here.
const isNull = (row: number, c: number): boolean => row === 0 || (row % 7 === 3 && c !== row % 2) || row % 1000 === 999;
const places = Array.from({ length: ROWS * CLASSES }, (_, i) => isNull(Math.floor(i / CLASSES), i % CLASSES));
const rows = labels.map((_, row) =>
  Array.from({ length: CLASSES }, (_, c) => (isNull(row, c) ? null : logits[row * CLASSES + c])),
);
const columns = Object.fromEntries(
  Array.from({ length: CLASSES }, (_, c) => [`logit_${c}`, rows.map((row) => row[c])] as const),
);
const lists = rows.map((row) => (row.every((logit) => logit === null) ? null : row));

/** Of .npy files of the arrays that options name by role. */
async function wantedOf(arrays: Readonly<Record<string, Uint8Array>>, options: Partial<ReweightOptions> = {}) {
  const folder = folderOf(Object.fromEntries(Object.entries(arrays).map(([role, array]) => [`${role}.npy`, array])));
  const files = Object.fromEntries(Object.keys(arrays).map((role) => [role, join(folder, `${role}.npy`)]));
  const out = join(folder, 'out');
  await reweightInShards({ ...files, ...options, out });
  const [logitsRole] = Object.keys(arrays);
  return {
    beta: readFileSync(join(out, `${logitsRole}.beta.npy`)),
    density: readFileSync(join(out, 'density.json')),
  } satisfies Weighed;
}

const maskedWeights = (values: readonly number[]) => ({
  logits: npy('float32', [ROWS, CLASSES], logits),
  labels: npy('int64', [ROWS], labels),
  labelWeights: npy('float32', [ROWS, CLASSES], values),
});
let once: Promise<Weighed> | undefined;
const wantedNulls = (): Promise<Weighed> => {
  once ??= wantedOf(maskedWeights(masked()));
  return once;
};
const masked = () => places.map((out, i) => (out || weights[Math.floor(i / CLASSES)] <= 0 ? 0 : 1));

const parquet = async (type: string, form: 'columns' | 'lists') =>
  parquetOf(
    {
      ...(form === 'lists'
        ? { logits: { type: `${type}[]`, values: lists } }
        : Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, { type, values }]))),
      label: { type: 'BIGINT', values: labels },
      label_weight: { type: 'FLOAT', values: weights },
    },
    { rowGroupRows: 2048 },
  );

const arrowColumns = {
  label: arrow.makeVector(BigInt64Array.from(labels, BigInt)),
  label_weight: arrow.makeVector(Float32Array.from(weights)),
};
const fixedLists = () =>
  arrow.vectorFromArray(lists, new arrow.FixedSizeList(CLASSES, new arrow.Field('item', new arrow.Float32(), true)));
const arrowTable = (type: arrow.Float32 | arrow.Float64) =>
  arrowOf(
    {
      ...Object.fromEntries(
        Object.entries(columns).map(([name, values]) => [name, arrow.vectorFromArray(values, type)]),
      ),
      ...arrowColumns,
    },
    1500,
  );
const separated = (by: string): string =>
  [
    [...Object.keys(columns), 'label', 'label_weight'].join(by),
    ...rows.map((row, i) => [...row.map((logit) => logit ?? ''), labels[i], weights[i]].join(by)),
    '',
  ].join('\n');
const lines = (): string =>
  lists.map((row, i) => `${JSON.stringify({ logits: row, label: labels[i], label_weight: weights[i] })}\n`).join('');

describe('a null logit leaves its sample out, whatever --non-finite says', () => {
  it.each<[string, string, () => Promise<Uint8Array | string> | Uint8Array | string]>([
    ['Parquet, columns', 'parquet', () => parquet('FLOAT', 'columns')],
    ['Parquet, lists of doubles', 'parquet', () => parquet('DOUBLE', 'lists')],
    ['Arrow, columns', 'arrow', () => arrowTable(new arrow.Float32())],
    ['Arrow, columns of doubles', 'arrow', () => arrowTable(new arrow.Float64())],
    ['Arrow, lists of a fixed size', 'arrow', () => arrowOf({ logits: fixedLists(), ...arrowColumns }, 1500)],
    ['CSV', 'csv', () => separated(',')],
    ['TSV', 'tsv', () => separated('\t')],
    ['JSON Lines', 'jsonl', lines],
  ])('%s', async (_, format, made) => {
    const file = await made();
    const wanted = await wantedNulls();
    expect(await weighedTable(format, file, { memory: '8MiB' }, 1000)).toEqual(wanted);
    expect(await weighedTable(format, file, { nonFinite: 'ignore', threads: 2 })).toEqual(wanted);
  });

  it('half floats in Arrow, beside labels of one target a sample', async () => {
    const flat = Array.from(logits.subarray(0, ROWS), (logit, i) => (places[i] ? null : logit));
    const targets = flat.map((_, i) => Number(i % 11 === 0));
    const bits = Uint16Array.from(flat, (logit) => (logit === null ? 0 : halfBits(logit)));
    const validity = new Uint8Array(Math.ceil(ROWS / 8));
    for (const [i, logit] of flat.entries()) if (logit !== null) validity[i >> 3] |= 1 << (i & 7);
    const halves = arrow.makeVector(
      arrow.makeData({
        type: new arrow.Float16(),
        length: ROWS,
        nullCount: flat.filter((logit) => logit === null).length,
        nullBitmap: validity,
        data: bits,
      }),
    );
    const file = arrowOf({ logits: halves, labels: arrow.makeVector(Uint8Array.from(targets)) }, 1500);
    const arrays = {
      logits: npy('float16', [ROWS], logits.subarray(0, ROWS)),
      labels: npy('uint8', [ROWS], targets),
      labelWeights: npy(
        'uint8',
        [ROWS],
        flat.map((logit) => Number(logit !== null)),
      ),
    };
    expect(await weighedTable('arrow', file, {}, 1000)).toEqual(await wantedOf(arrays));
  });

  it('the parts of a run in two steps, and a windowed density', async () => {
    const folder = folderOf({ 'x.parquet': await parquet('FLOAT', 'columns') });
    const run = async (...args: string[]) =>
      expect(await runGhm([...args, '--quiet'], folder)).toMatchObject({ exitCode: 0, stderr: '' });
    await run('histogram', 'x.parquet', '--density', 'window', '--out', 'p.json');
    await run('apply', '--density', 'p.json', '--method', 'window', '--epsilon', '0.1', 'x.parquet', '--out', 'out');
    const wanted = await wantedOf(maskedWeights(masked()), { density: 'window', epsilon: 0.1 });
    expect(readFileSync(join(folder, 'out/x.beta.npy'))).toEqual(wanted.beta);
  });
});

describe('in other tasks', () => {
  it('softmax: a null leaves its row out', async () => {
    const classes = labels.map((label) => label % CLASSES);
    const file = await parquetOf({
      logits: { type: 'DOUBLE[]', values: lists },
      label: { type: 'BIGINT', values: classes },
    });
    const arrays = {
      logits: npy('float32', [ROWS, CLASSES], logits),
      labels: npy('int64', [ROWS], classes),
      labelWeights: npy(
        'float32',
        [ROWS],
        rows.map((row) => Number(!row.includes(null))),
      ),
    };
    const wanted = await wantedOf(arrays, { task: 'softmax' });
    expect(await weighedTable('parquet', file, { task: 'softmax' }, 1000)).toEqual(wanted);
  });

  it('soft targets: a null logit and a null target leave their sample out', async () => {
    const soft = Array.from({ length: ROWS }, (_, i) => (i % 13 === 5 ? null : (i % 101) / 100));
    const values = rows.map(([logit]) => logit);
    const file = await parquetOf({ logits: { type: 'FLOAT', values }, labels: { type: 'FLOAT', values: soft } });
    const arrays = {
      logits: npy(
        'float32',
        [ROWS],
        values.map((logit) => logit ?? 5),
      ),
      labels: npy(
        'float32',
        [ROWS],
        soft.map((target) => target ?? 0.5),
      ),
      labelWeights: npy(
        'uint8',
        [ROWS],
        soft.map((target, i) => Number(target !== null && values[i] !== null)),
      ),
    };
    const options = { labelFormat: 'soft' } as const;
    expect(await weighedTable('parquet', file, options, 1000)).toEqual(await wantedOf(arrays, options));
  });

  it.each(['FLOAT', 'DOUBLE'])(
    'regression of %s: a null prediction and a null target leave their number out',
    async (type) => {
      const targets = rows.map((_, row) => (row % 17 === 4 ? null : [0.5, row % 3 === 0 ? null : 1, -1]));
      const file = await parquetOf({
        bbox_pred: { type: 'FLOAT[]', values: lists },
        bbox_target: { type: `${type}[]`, values: targets },
      });
      const dtype = type === 'FLOAT' ? 'float32' : 'float64';
      const flat = targets.flatMap((target) => target ?? [null, null, null]);
      const arrays = {
        bboxPred: npy('float32', [ROWS, CLASSES], logits),
        bboxTarget: npy(
          dtype,
          [ROWS, CLASSES],
          flat.map((target) => target ?? 9),
        ),
        bboxWeights: npy(
          'float32',
          [ROWS, CLASSES],
          flat.map((target, i) => Number(target !== null && !places[i])),
        ),
      };
      const wanted = await wantedOf(arrays, { task: 'regression', mu: 0.02 });
      expect(await weighedTable('parquet', file, { task: 'regression', mu: 0.02 }, 1000)).toEqual(wanted);
    },
  );
});

describe('a NaN beside nulls stays an error with file and row', () => {
  const advice = 'expected a logit, found NaN; use --non-finite ignore to leave such samples out';
  const withNaN = (values: readonly (number | null)[]): (number | null)[] =>
    values.map((logit, row) => (row === 4000 ? Number.NaN : logit));

  it('Arrow', async () => {
    for (const type of [new arrow.Float32(), new arrow.Float64()]) {
      const table = {
        logits: arrow.vectorFromArray(withNaN(columns.logit_0), type),
        labels: arrow.makeVector(new Uint8Array(ROWS)),
      };
      expect(await refusal('arrow', arrowOf(table, 1500))).toBe(`3: x.arrow[logits]: row 4000: ${advice}`);
    }
  });

  it('Parquet', async () => {
    // JSON has no NaN: a text that is cast
    const column = (type: string): Column => ({
      type,
      values: withNaN(columns.logit_0).map((logit) => (Number.isNaN(logit) ? 'nan' : logit)),
    });
    for (const type of ['FLOAT', 'DOUBLE']) {
      const table = { logits: column(type), labels: { type: 'UTINYINT', values: labels.map(() => 0) } };
      expect(await refusal('parquet', await parquetOf(table))).toBe(`3: x.parquet[logits]: row 4000: ${advice}`);
    }
  });

  it('CSV and JSON Lines', async () => {
    const text = columns.logit_0.map((logit, row) => `${row === 4000 ? 'nan' : (logit ?? '')},0\n`).join('');
    expect(await refusal('csv', `logits,labels\n${text}`)).toBe(`3: x.csv[logits]: row 4000: ${advice}`);
  });
});
