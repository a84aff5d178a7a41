import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, histogram, merge, type ReweightOptions, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { folderOf } from '../sources/npy-files.ts';
import { safetensors } from '../sources/safetensors-files.ts';
import { runGhm } from './command.ts';
import { lastingOutputs } from './folder-tree.ts';
import { npy, readFloats } from './npy-data.ts';

const FILES = fileURLToPath(new URL('../files/bccd-boxes/', import.meta.url));
const golden = JSON.parse(readFileSync(join(FILES, 'golden.json'), 'utf8'));
const NAN = Number.NaN;
const INFINITE = Number.POSITIVE_INFINITY;

/** GHM-R by its definition: distances as float32, everything else in double precision. */
function definition(distances: readonly number[], counted: readonly boolean[], bins: number, mu = 0.02) {
  const counts = new Array<number>(bins).fill(0);
  const regions = distances.map((d, i) => {
    const g = d === INFINITE ? 1 : d / Math.hypot(d, mu);
    const region = Math.min(bins - 1, Math.floor(g * bins));
    if (counted[i]) counts[region]++;
    return region;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  const valid = counts.filter((count) => count > 0).length;
  const beta = counts.map((count) => (count > 0 ? total / (count * valid) : 0));
  return { counts, beta, weights: regions.map((region, i) => (counted[i] ? Math.fround(beta[region]) : 0)) };
}

describe('GHM-R', () => {
  it.each([10, 30])('has the golden counts, weights and losses at M = %i, through the command', async (bins) => {
    const folder = folderOf();
    const { exitCode, stderr, stdout } = await runGhm([
      'reweight',
      '--task',
      'regression',
      '--bbox-pred',
      join(FILES, 'bbox_pred.npy'),
      '--bbox-target',
      join(FILES, 'bbox_target.npy'),
      '--bins',
      `${bins}`,
      '--out',
      join(folder, 'out'),
    ]);
    expect([exitCode, stderr.includes('warning')]).toEqual([0, false]);
    expect(stdout).toContain('29,908 samples counted, none ignored\nmean loss: ASL1 0.0475, GHM-R 0.0');
    const density = JSON.parse(readFileSync(join(folder, 'out/density.json'), 'utf8'));
    const expected = golden[`bins${bins}`];
    expect(density).toMatchObject({ task: 'regression', mu: 0.02, counts: expected.counts, total: expected.tot });
    for (const [j, beta] of expected.beta.entries()) expect(Math.abs(density.beta[j] / beta - 1)).toBeLessThan(1e-12);
    for (const [name, mean] of [
      ['asl1', expected.asl1_mean],
      ['ghmr', expected.loss],
    ]) {
      expect(Math.abs(density.loss[name] / mean - 1), name).toBeLessThan(1e-4);
      expect(Math.abs(density.loss[name] - mean), name).toBeLessThan(density.lossErrorBound[name]);
    }
    const { shape, values } = readFloats(join(folder, 'out/bbox_pred.beta.npy'));
    expect(shape).toEqual([7477, 4]);
    // the weighted mean of the weights is 1: every region has the same share
    expect(values.reduce((sum, beta) => sum + beta, 0) / values.length).toBeCloseTo(1, 5);
  });

  it('weighs any shape, float dtype and box weights by the definition', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('float16', 'float32', 'float64'),
        fc.constantFrom('float16', 'float32', 'float64'),
        fc.constantFrom('none', 'row', 'element'),
        fc.array(fc.tuple(fc.float({ min: -2, max: 2, noNaN: true }), fc.float({ min: -2, max: 2, noNaN: true })), {
          minLength: 6,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 3 }),
        async (predDtype, targetDtype, weighting, pairs, columns) => {
          const rows = Math.floor(pairs.length / columns);
          const n = rows * columns;
          // eighths, which every dtype holds, and so does their difference
          const [pred, target] = [0, 1].map((k) => pairs.slice(0, n).map((pair) => Math.round(pair[k] * 8) / 8));
          const weights = Array.from({ length: weighting === 'row' ? rows : n }, (_, i) => (i % 4 === 1 ? 0 : 0.5));
          const counted = pred.map((_, i) =>
            weighting === 'none' ? true : weights[weighting === 'row' ? Math.floor(i / columns) : i] > 0,
          );
          const shape = [rows, columns];
          const folder = folderOf({
            'p.npy': npy(predDtype, shape, pred, { bigEndian: rows % 2 === 0 }),
            't.npy': npy(targetDtype, shape, target),
            'w.npy': npy('float32', weighting === 'row' ? [rows] : shape, weights),
          });
          const at = (name: string) => join(folder, name);
          const summary = await reweight({
            task: 'regression',
            bboxPred: at('p.npy'),
            bboxTarget: at('t.npy'),
            ...(weighting !== 'none' && { bboxWeights: at('w.npy') }),
            bins: 7,
            threads: 1,
            out: at('out'),
          });
          const distances = pred.map((x, i) => Math.abs(x - target[i]));
          const expected = definition(distances, counted, 7);
          expect(summary.density.counts).toEqual(expected.counts);
          expect(readFloats(at('out/p.beta.npy'))).toMatchObject({ shape, values: expected.weights });
        },
      ),
      { numRuns: 12 },
    );
  });

  it('gives the same bytes for any threads, shards and split, and from a container', async () => {
    const read = (name: string) => readFileSync(join(FILES, name)).subarray(128);
    const [pred, target] = [read('bbox_pred.npy'), read('bbox_target.npy')];
    const slice = (bytes: Buffer, from: number, end: number) =>
      npy(
        'float32',
        [end - from, 4],
        new Float32Array(bytes.buffer.slice(bytes.byteOffset + 16 * from, bytes.byteOffset + 16 * end)),
      );
    const whole = { bbox_pred: pred, bbox_target: target };
    const arrays = Object.fromEntries(
      Object.entries(whole).map(([name, data]) => [name, { dtype: 'F32' as const, shape: [7477, 4], data }]),
    );
    const folder = folderOf({
      'a/p1.npy': slice(pred, 0, 3000),
      'a/p2.npy': slice(pred, 3000, 7477),
      'b/t1.npy': slice(target, 0, 3000),
      'b/t2.npy': slice(target, 3000, 7477),
      'c/boxes.safetensors': safetensors(arrays),
    });
    const at = (name: string) => join(folder, name);
    const boxes = { task: 'regression', bboxPred: at('a/p*.npy'), bboxTarget: at('b/t*.npy') } as const;
    await reweightInShards({ ...boxes, threads: 1, out: at('one') });
    await reweightInShards({ ...boxes, threads: 2, memory: '16MiB', out: at('two') }, 1000);
    expect(lastingOutputs(at('two'))).toEqual(lastingOutputs(at('one')));
    for (const i of [1, 2]) {
      const part = { bboxPred: at(`a/p${i}.npy`), bboxTarget: at(`b/t${i}.npy`) };
      await histogram({ task: 'regression', ...part, out: at(`${i}.ghm`) });
    }
    await merge({ partials: [at('2.ghm'), at('1.ghm')], out: at('sum.ghm') });
    await apply({ ...boxes, density: at('sum.ghm'), out: at('applied') });
    expect(lastingOutputs(at('applied'))).toEqual(lastingOutputs(at('one')));
    await reweight({ task: 'regression', files: at('c/boxes.safetensors'), out: at('contained') });
    const density = (name: string) => readFileSync(at(`${name}/density.json`), 'utf8');
    expect(density('contained')).toBe(density('one'));
  });

  it('takes mu from the density it applies, and another --mu only if it is the same', async () => {
    const folder = folderOf({
      'p.npy': npy('float32', [2, 2], [0, 1, 2, 3]),
      't.npy': npy('float32', [2, 2], [0, 0, 0, 0]),
    });
    const at = (name: string) => join(folder, name);
    const boxes = { task: 'regression', bboxPred: at('p.npy'), bboxTarget: at('t.npy') } as const;
    await histogram({ ...boxes, mu: 1, out: at('h.ghm') });
    const summary = await apply({ ...boxes, density: at('h.ghm'), out: at('o') });
    expect(summary.density.mu).toBe(1);
    await expect(apply({ ...boxes, mu: 0.02, density: at('h.ghm'), out: at('o2') })).rejects.toMatchObject({
      exitCode: 2,
      message:
        `--density ${at('h.ghm')}: made for regression with mu 1, and the samples are read for regression with mu 0.02; ` +
        'use --mu 1, or the density of these samples',
    });
    const logits = { logits: at('p.npy'), labels: at('t.npy') };
    await expect(apply({ ...logits, density: at('h.ghm'), out: at('o3') })).rejects.toMatchObject({
      message: expect.stringContaining(
        'made for regression with mu 1, and the samples are read for classification; use --task regression',
      ),
    });
  });
});

describe('bad boxes are refused with a message that says where:', () => {
  const P = npy('float32', [3, 2], [0, 1, 2, 3, 4, 5]);
  const T = npy('float32', [3, 2], [0, 1, 2, 3, 4, 4]);
  const cases: readonly [string, Record<string, Uint8Array>, Partial<ReweightOptions>, number, string][] = [
    [
      'other shapes',
      { 't.npy': npy('float32', [3, 4], new Array(12).fill(0)) },
      {},
      3,
      't.npy is float32 [3, 4], which does not fit p.npy is float32 [3, 2]; expected the same shape, one target a predicted number',
    ],
    [
      'integers',
      { 't.npy': npy('int64', [3, 2], [0, 1, 2, 3, 4, 4]) },
      {},
      3,
      't.npy is int64 [3, 2]; expected box targets of float16, bfloat16, float32, float64, [N, 4] or any [N, K] or [N]',
    ],
    [
      'NaN in a prediction',
      { 'p.npy': npy('float32', [3, 2], [0, 1, 2, NAN, 4, 5]) },
      {},
      3,
      'p.npy: row 1, column 1: expected a predicted number, found NaN; use --non-finite ignore to leave such samples out',
    ],
    [
      'NaN in a target',
      { 't.npy': npy('float64', [3, 2], [0, 1, 2, 3, NAN, 5]) },
      {},
      3,
      't.npy: row 2, column 0: expected a target, found NaN; use --non-finite ignore to leave such samples out',
    ],
    [
      'one infinity in both',
      {
        'p.npy': npy('float64', [3, 2], [INFINITE, 1, 2, 3, 4, 5]),
        't.npy': npy('float32', [3, 2], [INFINITE, 1, 2, 3, 4, 5]),
      },
      {},
      3,
      't.npy: row 0, column 0: expected a target other than NaN and Infinity, as predicted: they have no distance; ' +
        'use --non-finite ignore to leave such samples out',
    ],
    [
      'a NaN weight',
      { 'w.npy': npy('float32', [3, 2], [0, 1, 1, 1, NAN, 1]) },
      { bboxWeights: 'w.npy' },
      3,
      'w.npy: row 2, column 0: expected a box weight, found NaN',
    ],
    [
      'weights of another shape',
      { 'w.npy': npy('float32', [3, 3], new Array(9).fill(1)) },
      { bboxWeights: 'w.npy' },
      3,
      'w.npy is float32 [3, 3], which does not fit p.npy [3, 2]; expected box weights [3] or [3, 1] (one a row) or [3, 2] (one a sample)',
    ],
    ['a negative mu', {}, { mu: -0.02 }, 2, '--mu: expected a number from 1e-30 to 1e+30, found -0.02'],
    ['a mu of zero', {}, { mu: 0 }, 2, '--mu: expected a number from 1e-30 to 1e+30, found 0'],
    [
      'labels',
      {},
      { labels: 't.npy' },
      2,
      '--labels: --task regression has no logits and no labels; its arrays are named with --bbox-pred, --bbox-target and --bbox-weights',
    ],
    [
      'an ignored label',
      {},
      { ignoreLabel: 7 },
      2,
      '--ignore-label has no meaning with --task regression, which has no labels: drop it',
    ],
    [
      'boxes without the task',
      {},
      { task: 'classification', bboxTarget: undefined },
      2,
      '--bbox-pred is for --task regression, and the task is classification: add --task regression, or drop it',
    ],
    [
      'no targets',
      {},
      { bboxTarget: undefined },
      2,
      "--bbox-target: expected at least one file or quoted glob, such as 'dumps/*.bbox_target.npy', found nothing",
    ],
  ];

  it.each(cases)('%s', async (_, files, options, exitCode, message) => {
    const folder = folderOf({ 'p.npy': P, 't.npy': T, ...files });
    const given = { task: 'regression', bboxPred: 'p.npy', bboxTarget: 't.npy', out: 'out', ...options } as const;
    const placed = Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'string' && name !== 'task' ? join(folder, value) : value,
    ]);
    const error: unknown = await reweight(Object.fromEntries(placed)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'GhmError', exitCode });
    expect(error instanceof Error && error.message.replaceAll(`${folder}/`, '')).toBe(message);
  });

  it('nothing that counts', async () => {
    const folder = folderOf({ 'p.npy': P, 't.npy': T, 'w.npy': npy('uint8', [3], [0, 0, 0]) });
    const at = (name: string) => join(folder, name);
    const boxes = { task: 'regression', bboxPred: at('p.npy'), bboxTarget: at('t.npy') } as const;
    await expect(reweight({ ...boxes, bboxWeights: at('w.npy'), out: at('out') })).rejects.toThrow(
      'all 6 samples are ignored (box weight 0, or NaN left out); expected at least one that counts. See --bbox-weights',
    );
  });

  it('NaN can be left out, and boxes whose weight is 0 may hold it', async () => {
    const folder = folderOf({
      'p.npy': npy('float32', [3, 2], [0, NAN, 2, 3, 4, 5]),
      't.npy': npy('float32', [3, 2], [0, 1, 2, 3, NAN, 4]),
      'w.npy': npy('uint8', [3, 2], [1, 0, 1, 1, 0, 1]),
    });
    const at = (name: string) => join(folder, name);
    const boxes = { task: 'regression', bboxPred: at('p.npy'), bboxTarget: at('t.npy') } as const;
    const masked = await reweight({ ...boxes, bboxWeights: at('w.npy'), out: at('a') });
    const ignored = await reweight({ ...boxes, nonFinite: 'ignore', out: at('b') });
    for (const { density } of [masked, ignored]) expect([density.total, density.ignored]).toEqual([4, 2]);
    expect(readFloats(at('b/p.beta.npy')).values).toEqual(readFloats(at('a/p.beta.npy')).values);
  });
});
