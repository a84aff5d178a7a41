import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply, histogram, inspect, merge, type ReweightOptions, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { seeded } from '../kernels/implementations.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm } from './command.ts';
import { lastingOutputs } from './folder-tree.ts';
import { edgesOf, regionOf } from './naive.ts';
import { npy, readFloats } from './npy-data.ts';

const INFINITE = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;

/** Rows of class logits as a two-stage detector gives them: background by far the most, and right. */
function rowsOf(rows: number, classes: number, seed: number) {
  const next = seeded(seed);
  const uniform = () => (next() + 0.5) / 2 ** 32;
  const logits = new Float32Array(rows * classes).map(() => (uniform() - 0.5) * 4);
  const labels = Array.from({ length: rows }, (_, row) => {
    const kind = uniform();
    const label = kind < 0.9 ? classes - 1 : kind < 0.93 ? -1 : next() % classes;
    if (label >= 0) logits[row * classes + label] += 10 * uniform() - 1;
    return label;
  });
  return { logits, labels };
}

/** z in double precision. */
function marginOf(row: Float32Array, label: number): number {
  const others = row.filter((_, k) => k !== label);
  const most = Math.max(...others);
  return Math.log(others.reduce((sum, x) => sum + Math.exp(x - most), 0)) + most - row[label];
}

describe('softmax rows', () => {
  it('are counted and weighed as the definition in double precision says, but within 2^-22 of an edge', async () => {
    const [rows, classes, bins] = [20_000, 5, 30];
    const { logits, labels } = rowsOf(rows, classes, 1);
    const folder = folderOf({
      'x.npy': npy('float32', [rows, classes], logits),
      'y.npy': npy('int64', [rows], labels),
    });
    const out = join(folder, 'out');
    const flags = ['--task', 'softmax', '--logits', 'x.npy', '--labels', 'y.npy', '--bins', `${bins}`, '--out', 'out'];
    const { exitCode, stderr } = await runGhm(['reweight', ...flags, '--quiet'], folder);
    expect([exitCode, stderr]).toEqual([0, '']);
    const density = JSON.parse(readFileSync(join(out, 'density.json'), 'utf8'));
    const { shape, values } = readFloats(join(out, 'x.beta.npy'));
    expect(shape).toEqual([rows]);

    const edges = edgesOf(bins);
    const counts = new Array<number>(bins).fill(0);
    const sums = { ce: 0, focal: 0, ghmc: 0 };
    let near = 0;
    for (const [row, label] of labels.entries()) {
      if (label < 0) {
        expect(values[row]).toBe(0);
        continue;
      }
      const z = marginOf(logits.subarray(row * classes, (row + 1) * classes), label);
      const region = regionOf(z, edges);
      counts[region]++;
      if (edges.some((edge) => Math.abs(z - edge) <= 2 ** -22 + 2 ** -24 * Math.abs(z))) near++;
      else expect(values[row]).toBe(Math.fround(density.beta[region]));
      const ce = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
      sums.ce += ce;
      sums.focal += (1 / (1 + Math.exp(-z))) ** 2 * ce;
      sums.ghmc += density.beta[region] * ce;
    }
    expect(near).toBeLessThan(5);
    const moved = counts.reduce((sum, count, j) => sum + Math.abs(count - density.counts[j]), 0);
    expect(moved).toBeLessThanOrEqual(2 * near);
    expect(density).toMatchObject({ task: 'softmax', ignored: labels.filter((label) => label < 0).length });
    for (const [name, sum] of Object.entries(sums)) {
      const mean = sum / density.total;
      expect(Math.abs(density.loss[name] / mean - 1), name).toBeLessThan(1e-3);
      expect(Math.abs(density.loss[name] - mean), name).toBeLessThan(density.lossErrorBound[name]);
    }
  });

  it('of any dtype, with weights, give the same bytes for any threads, shards and split', async () => {
    const [rows, classes] = [3000, 21];
    const { logits, labels } = rowsOf(rows, classes, 2);
    const rounded = logits.map((x) => Math.round(x * 16) / 16);
    const weights = labels.map((_, row) => (row % 7 === 3 ? 0 : 1));
    const part = (from: number, end: number, dtype: 'float16' | 'float32' | 'float64') => ({
      x: npy(dtype, [end - from, classes], rounded.subarray(from * classes, end * classes)),
      y: npy(
        'uint8',
        [end - from],
        labels.slice(from, end).map((label) => (label < 0 ? 255 : label)),
      ),
      w: npy('float16', [end - from, 1], weights.slice(from, end)),
    });
    const [a, b] = [part(0, 1000, 'float16'), part(1000, rows, 'float64')];
    const whole = part(0, rows, 'float32');
    const folder = folderOf({
      'x/1.npy': a.x,
      'x/2.npy': b.x,
      'y/1.npy': a.y,
      'y/2.npy': b.y,
      'w/1.npy': a.w,
      'w/2.npy': b.w,
      'all/x.npy': whole.x,
      'all/y.npy': whole.y,
      'all/w.npy': whole.w,
    });
    const at = (name: string) => join(folder, name);
    const options = (name: string) => ({
      task: 'softmax' as const,
      ignoreLabel: 255,
      logits: at(`x/${name}.npy`),
      labels: at(`y/${name}.npy`),
      labelWeights: at(`w/${name}.npy`),
    });
    const one = await reweightInShards({ ...options('*'), threads: 1, out: at('one') });
    const ignored = labels.filter((label, row) => label < 0 || weights[row] === 0).length;
    expect([one.density.total, one.density.ignored]).toEqual([rows - ignored, ignored]);
    await reweightInShards({ ...options('*'), threads: 2, memory: '16MiB', out: at('two') }, 2000);
    expect(lastingOutputs(at('two'))).toEqual(lastingOutputs(at('one')));
    for (const name of ['1', '2']) await histogram({ ...options(name), out: at(`${name}.ghm`) });
    await merge({ partials: [at('1.ghm'), at('2.ghm')], out: at('sum.ghm') });
    await apply({ ...options('*'), density: at('sum.ghm'), out: at('applied') });
    expect(lastingOutputs(at('applied'))).toEqual(lastingOutputs(at('one')));
    // the same values as float32, in one file
    const all = { logits: at('all/x.npy'), labels: at('all/y.npy'), labelWeights: at('all/w.npy') };
    const single = await reweight({ task: 'softmax', ignoreLabel: 255, ...all, out: at('single') });
    expect(single.density).toEqual(one.density);
  });

  it('whose p_y are spread evenly have weights of 1', async () => {
    const bins = 10;
    const p = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
    const folder = folderOf({
      'x.npy': npy(
        'float64',
        [1000, 2],
        p.flatMap((g) => [Math.log((1 - g) / g), 0]),
      ),
      'y.npy': npy('int8', [1000], new Array(1000).fill(0)),
    });
    const at = (name: string) => join(folder, name);
    const { density } = await reweight({
      task: 'softmax',
      logits: at('x.npy'),
      labels: at('y.npy'),
      bins,
      out: at('o'),
    });
    expect(density.counts).toEqual(new Array(bins).fill(100));
    expect(density.beta).toEqual(new Array(bins).fill(1));
  });
});

describe('bad softmax input is refused with a message that says where:', () => {
  const X = npy('float32', [3, 2], [0, 1, 2, 3, 4, 5]);
  const Y = npy('int64', [3], [0, 1, -1]);
  const ADVICE = 'use --non-finite ignore to leave such samples out';
  const cases: readonly [string, Record<string, Uint8Array>, Partial<ReweightOptions>, number, string][] = [
    [
      'a class out of range',
      { 'y.npy': npy('int64', [3], [0, 2, -1]) },
      {},
      3,
      'y.npy: row 1: expected a class 0..1, the background among them, or -1 (ignored), found 2; see --ignore-label',
    ],
    [
      'NaN in a row',
      { 'x.npy': npy('float32', [3, 2], [0, 1, 2, NAN, 4, 5]) },
      {},
      3,
      `x.npy: row 1, class 1: expected a logit, found NaN; ${ADVICE}`,
    ],
    [
      'two infinite classes',
      { 'x.npy': npy('float32', [3, 2], [0, 1, INFINITE, INFINITE, 4, 5]) },
      {},
      3,
      `x.npy: row 1: expected logits that have a softmax, found Infinity in more than one class; ${ADVICE}`,
    ],
    [
      'no finite class',
      { 'x.npy': npy('float16', [3, 2], [-INFINITE, -INFINITE, 1, 1, 4, 5]) },
      {},
      3,
      `x.npy: row 0: expected logits that have a softmax, found -Infinity in every class; ${ADVICE}`,
    ],
    [
      'one class',
      { 'x.npy': npy('float32', [3, 1], [0, 1, 2]) },
      {},
      3,
      'x.npy is float32 [3, 1]; expected [N, C] of at least two classes, the background among them. One score a sample is --task classification',
    ],
    [
      'one target a sample',
      { 'y.npy': npy('int64', [3, 2], [0, 1, 0, 1, 0, 1]) },
      {},
      3,
      'y.npy is int64 [3, 2], which does not fit x.npy float32 [3, 2]; expected one class index a row, [3]',
    ],
    [
      'weights one a class',
      { 'w.npy': npy('uint8', [3, 2], [1, 1, 1, 1, 1, 1]) },
      { labelWeights: 'w.npy' },
      3,
      'w.npy is uint8 [3, 2], which does not fit x.npy [3, 2]; expected label weights [3] or [3, 1] (one a row)',
    ],
    [
      '--label-base',
      {},
      { labelBase: 1 },
      2,
      '--label-base has no meaning with --task softmax, whose labels are the classes 0..C-1, background among them: drop it',
    ],
    [
      '--label-format',
      {},
      { labelFormat: 'index' },
      2,
      '--label-format has no meaning with --task softmax, whose labels are the classes 0..C-1, background among them: drop it',
    ],
    [
      '--mu',
      {},
      { mu: 1 },
      2,
      '--mu is for --task regression, and the task is softmax: add --task regression, or drop it',
    ],
  ];

  it.each(cases)('%s', async (_, files, options, exitCode, message) => {
    const folder = folderOf({ 'x.npy': X, 'y.npy': Y, ...files });
    const given = { task: 'softmax', logits: 'x.npy', labels: 'y.npy', out: 'out', ...options } as const;
    const placed = Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' && /\.npy$|^out$/.test(value) ? join(folder, value) : value,
    ]);
    const error: unknown = await reweight(Object.fromEntries(placed)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'GhmError', exitCode });
    expect(error instanceof Error && error.message.replaceAll(`${folder}/`, '')).toBe(message);
  });

  it('ignored rows may hold anything, and NaN can be left out', async () => {
    const folder = folderOf({
      'x.npy': npy('float32', [3, 2], [0, 1, 2, 3, NAN, 5]),
      'z.npy': npy('float32', [3, 2], [0, NAN, 2, 3, NAN, 5]),
      'y.npy': Y,
    });
    const at = (name: string) => join(folder, name);
    const rows = { task: 'softmax', labels: at('y.npy') } as const;
    expect((await reweight({ ...rows, logits: at('x.npy'), out: at('a') })).density.total).toBe(2);
    const { density } = await reweight({ ...rows, logits: at('z.npy'), nonFinite: 'ignore', out: at('b') });
    expect([density.total, density.ignored]).toEqual([1, 2]);
    expect(readFloats(at('b/z.beta.npy')).values).toEqual([0, 1, 0]);
  });
});

it('inspect says how boxes and softmax rows are read', async () => {
  const folder = folderOf({
    'bbox_pred.npy': npy('float32', [2, 4], [0, 1, 2, 3, 4, 5, 6, 7]),
    'bbox_target.npy': npy('float32', [2, 4], [0, 1, 2, 3, 4, 5, 6, 8]),
    'bbox_weights.npy': npy('float32', [2, 4], [1, 1, 1, 1, 0, 0, 0, 0]),
  });
  const { files, reading } = await inspect(join(folder, '*.npy'));
  expect(files.map(({ role }) => role)).toEqual(['bbox_pred', 'bbox_target', 'bbox_weights']);
  expect(reading).toEqual([
    'With --task regression: 8 samples in 2 rows of 4.',
    'The distance of each predicted number to its target is counted.',
    'Box weights: 0 leaves a sample out.',
    expect.stringMatching(
      /^Run: ghm reweight --task regression --bbox-pred .* --bbox-target .* --bbox-weights .* --out weights$/,
    ),
  ]);
});
