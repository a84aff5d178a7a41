import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { arrowOf, type Vectors } from '../sources/arrow-files.ts';
import { folderOf } from '../sources/npy-files.ts';
import { parquetOf } from '../sources/parquet-files.ts';
import { runGhm } from './command.ts';
import { CLASSES, labels, logits, ROWS, refusal, wanted, weighedTable, weights } from './table-samples.ts';

const column = (c: number): Float32Array => Float32Array.from({ length: ROWS }, (_, row) => logits[row * CLASSES + c]);
const vectors: Vectors = {
  // what lies before has buffers of all sorts
  anchor: arrow.vectorFromArray(
    labels.map((_, row) => `a${row}`),
    new arrow.Utf8(),
  ),
  kind: arrow.vectorFromArray(labels.map((label) => (label === 0 ? 'rare' : 'common'))),
  box: arrow.vectorFromArray(labels.map((_, row) => ({ x: row, tag: `${row}` }))),
  logit_0: arrow.makeVector(column(0)),
  logit_10: arrow.makeVector(column(2)),
  logit_2: arrow.makeVector(column(1)),
  label: arrow.makeVector(BigInt64Array.from(labels, BigInt)),
  label_weight: arrow.makeVector(Float32Array.from(weights)),
};

const fixed = (values: Float32Array): arrow.Vector =>
  arrow.makeVector(
    arrow.makeData({
      type: new arrow.FixedSizeList(CLASSES, new arrow.Field('item', new arrow.Float32(), true)),
      length: values.length / CLASSES,
      nullCount: 0,
      child: arrow.makeVector(values).data[0],
    }),
  );

describe('an Arrow file gives the very bytes of its .npy form', () => {
  it.each([ROWS, 1024])('in record batches of %i rows, through the command', async (batchRows) => {
    const folder = folderOf({ 'x.arrow': arrowOf(vectors, batchRows) });
    const run = await runGhm(['reweight', 'x.arrow', '--out', 'out', '--quiet', '--threads', '2'], folder);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(join(folder, 'out/x.beta.npy'))).toEqual((await wanted()).beta);
  });

  it.each([
    ['fixed-size lists', fixed(logits), undefined],
    [
      'lists',
      arrow.vectorFromArray(
        labels.map((_, row) => [...logits.subarray(row * 3, row * 3 + 3)]),
        new arrow.List(new arrow.Field('item', new arrow.Float32(), true)),
      ),
      undefined,
    ],
    [
      'lists, LZ4',
      arrow.vectorFromArray(
        labels.map((_, row) => [...logits.subarray(row * 3, row * 3 + 3)]),
        new arrow.List(new arrow.Field('item', new arrow.Float32(), true)),
      ),
      'lz4',
    ],
  ] as const)('with %s as rows of logits, for any shard size', async (_, rows, codec) => {
    const { label, label_weight } = vectors;
    const file = arrowOf({ label, logits: rows, label_weight }, 1500, codec);
    for (const shardSamples of [1000, 1_000_000]) {
      expect(await weighedTable('arrow', file, { memory: '8MiB' }, shardSamples)).toEqual(await wanted());
    }
  });

  it.each(['lz4', 'zstd'] as const)('compressed with %s', async (codec) => {
    // coarse logits and equal labels, which either codec of the test makes shorter
    const coarse = column(0).map((logit) => Math.round(logit));
    const table = {
      logits: arrow.makeVector(coarse),
      labels: arrow.makeVector(new Uint8Array(ROWS)),
      label_weights: arrow.makeVector(new Int16Array(ROWS).fill(257)),
    };
    const plain = await weighedTable('arrow', arrowOf(table, ROWS));
    expect(await weighedTable('feather', arrowOf(table, 1024, codec), {}, 2000)).toEqual(plain);
  });

  it('with half floats, bits and nulls', async () => {
    const { logit_0 } = vectors;
    const isNull = (row: number) => row % 17 === 3;
    const table = (label: arrow.Vector, weight: arrow.Vector) => ({ logits: logit_0, label, label_weight: weight });
    const bits = arrow.vectorFromArray(
      labels.map((l, row) => (isNull(row) ? null : l === 0)),
      new arrow.Bool(),
    );
    const valid = arrow.vectorFromArray(
      weights.map((w) => w > 0),
      new arrow.Bool(),
    );
    const plain = await parquetOf({
      logits: { type: 'FLOAT', values: [...column(0)] },
      label: { type: 'TINYINT', values: labels.map((l, row) => (isNull(row) ? null : Number(l === 0))) },
      label_weight: { type: 'FLOAT', values: weights },
    });
    const expected = await weighedTable('parquet', plain);
    expect(await weighedTable('arrow', arrowOf(table(bits, valid), 700), {}, 3000)).toEqual(expected);
    const bytes = arrow.vectorFromArray(
      labels.map((l, row) => (isNull(row) ? null : Number(l === 0))),
      new arrow.Uint8(),
    );
    expect(await weighedTable('arrow', arrowOf(table(bytes, valid), 700), { ignoreLabel: 200 })).toEqual(expected);
  });
});

describe('an Arrow file is refused', () => {
  const lists = (values: number[][]) => ({
    logits: arrow.vectorFromArray(values, new arrow.List(new arrow.Field('item', new arrow.Float32(), true))),
    label: arrow.makeVector(Int32Array.from(values, () => 0)),
  });
  it.each([
    [
      'lists of different lengths',
      lists([[1, 2], [3, 4], [5]]),
      '3: x.arrow[logits]: its lists are of different lengths; expected one length',
    ],
    [
      'lists whose lengths only add up',
      lists([[1, 2], [3], [4, 5, 6]]),
      '3: x.arrow[logits]: row 1: expected a list of 2 numbers, as the others have',
    ],
    [
      'text',
      { logits: vectors.anchor, label: vectors.label },
      '3: x.arrow[logits]: unsupported type: expected a column of numbers (integers, booleans, half, float or double) or of lists of them, found Arrow type 5',
    ],
    [
      'no label',
      { logits: vectors.logit_0 },
      '3: x.arrow: holds no column "labels"; it holds logits. Name it with --labels-key KEY',
    ],
  ])('with %s', async (_, table, message) => {
    expect(await refusal('arrow', arrowOf(table, 10_000))).toBe(message);
  });

  it('that is a stream', async () => {
    const stream = Buffer.concat([
      Buffer.from('ARROW1\0\0'),
      arrow.tableToIPC(new arrow.Table({ logits: vectors.logit_0 }), 'stream'),
    ]);
    expect(await refusal('arrow', stream)).toMatch(
      /^3: x\.arrow: ends without the footer of an Arrow file\. Was it written to the end/,
    );
  });
});
