import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { seeded } from '../kernels/implementations.ts';
import { folderOf } from '../sources/npy-files.ts';
import { parquetOf } from '../sources/parquet-files.ts';
import { zstdRaw } from '../sources/zstd-files.ts';
import { npy, readFloats } from './npy-data.ts';

// A group is weighed as a run over its rows alone would weigh it, whatever the task, and however its column is stored.

const N = 9000;
const GROUPS = [-3, 7, 1000];
const next = seeded(5);
const uniform = () => (next() + 0.5) / 2 ** 32;
const groupOf = Array.from({ length: N }, () => GROUPS[next() % GROUPS.length]);

/** Rows of `width` values. */
interface Rows {
  readonly dtype: 'float32' | 'uint8';
  readonly width: number;
  readonly values: readonly number[];
}

const floats = (width: number, value: () => number): Rows => ({
  dtype: 'float32',
  width,
  values: Array.from({ length: N * width }, () => Math.fround(value())),
});
const classes: Rows = { dtype: 'uint8', width: 1, values: Array.from({ length: N }, () => next() % 4) };

/** The arrays of each task by the option that names them, and what else it takes. */
const TASKS: Readonly<Record<string, { arrays: Readonly<Record<string, Rows>>; options: Partial<ReweightOptions> }>> = {
  regression: {
    arrays: { bboxPred: floats(4, () => 0.3 * uniform() * uniform()), bboxTarget: floats(4, () => 0.1 * uniform()) },
    options: { task: 'regression' },
  },
  softmax: {
    arrays: { logits: floats(4, () => 8 * uniform() - 4), labels: classes },
    options: { task: 'softmax' },
  },
  soft: {
    arrays: {
      logits: floats(1, () => 6 * uniform() - 5),
      labels: floats(1, () => (uniform() < 0.7 ? 0 : uniform())),
    },
    options: { labelFormat: 'soft' },
  },
};

/** Writes those rows of the arrays that `wanted` says, and runs. */
async function run(task: string, wanted: (row: number) => boolean, sets: Partial<ReweightOptions>) {
  const folder = folderOf();
  const { arrays, options } = TASKS[task];
  const paths = Object.entries(arrays).map(([name, { dtype, width, values }]) => {
    const kept = values.filter((_, i) => wanted(Math.floor(i / width)));
    const shape = width === 1 ? [kept.length] : [kept.length / width, width];
    const path = join(folder, `${name}.npy`);
    writeFileSync(path, npy(dtype, shape, kept));
    return [name, path] as const;
  });
  const out = join(folder, 'out');
  const { outputs, density } = await reweight({ ...Object.fromEntries(paths), ...options, ...sets, out });
  return { density, weights: readFloats(join(out, outputs[0].path)).values };
}

it.each(Object.keys(TASKS))('groups of %s are weighed each as its rows alone', async (task) => {
  const column = join(folderOf(), 'g.npy');
  writeFileSync(column, npy('int16', [N], groupOf));
  const whole = await run(task, () => true, { group: 'g', columns: { g: column } });
  const width = whole.weights.length / N;
  expect(whole.density.groups?.values).toEqual(GROUPS);
  for (const [set, value] of GROUPS.entries()) {
    const alone = await run(task, (row) => groupOf[row] === value, {});
    expect(whole.density.groups?.counts[set], `${value}`).toEqual(alone.density.counts);
    expect(whole.density.groups?.beta[set], `${value}`).toEqual(alone.density.beta);
    const own = whole.weights.filter((_, i) => groupOf[Math.floor(i / width)] === value);
    expect(own, `${value}`).toEqual(alone.weights);
  }
});

it.each(['gzip', 'zstd', 'parquet'])('a column of groups in a file of %s', async (format) => {
  const folder = folderOf();
  const file = npy('int16', [N], groupOf);
  const plain = join(folder, 'plain.npy');
  writeFileSync(plain, file);
  const bytes = {
    gzip: () => gzipSync(file),
    zstd: () => zstdRaw(file),
    parquet: () => parquetOf({ g: { type: 'SMALLINT', values: groupOf } }),
  };
  const packed = join(folder, `packed.${format === 'parquet' ? 'parquet' : 'npy'}`);
  writeFileSync(packed, await bytes[format as keyof typeof bytes]());
  const [expected, found] = [
    await run('soft', () => true, { group: 'g', columns: { g: plain } }),
    await run('soft', () => true, { group: 'g', columns: { g: packed } }),
  ];
  expect(found.weights).toEqual(expected.weights);
  expect(found.density).toEqual(expected.density);
});

it('100,000 groups keep to the memory they are given, and each holds its own rows', async () => {
  const folder = folderOf();
  const groups = 100_000;
  const rows = 4 * groups;
  const logits = Float32Array.from({ length: rows }, () => 12 * uniform() - 9);
  // in no order
  const column = Int32Array.from({ length: rows }, (_, row) => (row * 7919) % groups);
  const paths = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy') };
  writeFileSync(paths.logits, npy('float32', [rows], logits));
  writeFileSync(paths.labels, npy('uint8', [rows], new Uint8Array(rows)));
  writeFileSync(join(folder, 'g.npy'), npy('int32', [rows], column));
  const out = join(folder, 'out');
  const given = { ...paths, bins: 10, memory: '256MiB', group: 'g', columns: { g: join(folder, 'g.npy') } };
  const { density, outputs } = await reweight({ ...given, out });
  expect(density.groups?.values.length).toBe(groups);
  expect(density.groups?.total.every((total) => total === 4)).toBe(true);
  // four samples a group: in v of ten regions with c each, each weighs 4 / (c v)
  const regions = logits.map((x) => Math.min(9, Math.floor(10 / (1 + Math.exp(-x)))));
  const counts = new Uint8Array(10 * groups);
  for (const [row, region] of regions.entries()) counts[10 * column[row] + region]++;
  const { values } = readFloats(join(out, outputs[0].path));
  const wrong = values.filter((weight, row) => {
    const own = counts.subarray(10 * column[row], 10 * column[row] + 10);
    const valid = own.filter((count) => count > 0).length;
    return weight !== Math.fround(4 / (own[regions[row]] * valid));
  });
  expect(wrong).toEqual([]);
});
