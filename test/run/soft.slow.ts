import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply, histogram, merge, type ReweightOptions, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { seeded } from '../kernels/implementations.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm } from './command.ts';
import { lastingOutputs } from './folder-tree.ts';
import { npy, readFloats } from './npy-data.ts';

const NAN = Number.NaN;

/** Logits with targets such as an IoU: most 0, some anywhere in [0, 1], some ignored. */
function samplesOf(n: number, seed: number) {
  const next = seeded(seed);
  const uniform = () => (next() + 0.5) / 2 ** 32;
  const targets = Float32Array.from({ length: n }, () => {
    const kind = uniform();
    return kind < 0.8 ? 0 : kind < 0.95 ? uniform() : kind < 0.97 ? 1 : -1;
  });
  const logits = Float32Array.from(targets, (t) => (t > 0 ? (uniform() - 0.3) * 8 : -7 + 6 * uniform()));
  return { logits, targets };
}

/** The mathematics in double precision. */
function definition(
  logits: Float32Array,
  targets: Float32Array,
  beta: readonly number[],
  gamma: number,
  alpha: number,
) {
  const bins = beta.length;
  const counts = new Array<number>(bins).fill(0);
  const sums = { ce: 0, focal: 0, ghmc: 0 };
  let total = 0;
  let near = 0;
  const regions = Array.from(logits, (x, i) => {
    const t = targets[i];
    if (t < 0) return -1;
    const g = Math.abs(1 / (1 + Math.exp(-x)) - t);
    if (Math.abs(g * bins - Math.round(g * bins)) <= bins * 2 ** -22) near++;
    const region = Math.min(bins - 1, Math.floor(g * bins));
    const ce = Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
    counts[region]++;
    sums.ce += ce;
    sums.focal += (alpha * t + (1 - alpha) * (1 - t)) * g ** gamma * ce;
    sums.ghmc += beta[region] * ce;
    total++;
    return region;
  });
  return {
    counts,
    regions,
    total,
    near,
    loss: { ce: sums.ce / total, focal: sums.focal / total, ghmc: sums.ghmc / total },
  };
}

describe('soft targets', () => {
  it.each([
    [30, 2, 0.25],
    [7, 0.5, 0.9],
  ])(
    'are counted, weighed and their losses summed as by the definition, M = %i, through the command',
    async (bins, gamma, alpha) => {
      const n = 60_000;
      const { logits, targets } = samplesOf(n, bins);
      const folder = folderOf({
        'x.npy': npy('float32', [n / 3, 3], logits),
        't.npy': npy('float32', [n / 3, 3], targets),
      });
      const flags = ['--logits', 'x.npy', '--labels', 't.npy', '--label-format', 'soft', '--bins', `${bins}`];
      const focal = ['--focal-gamma', `${gamma}`, '--focal-alpha', `${alpha}`];
      const { exitCode, stderr, stdout } = await runGhm(
        ['reweight', ...flags, ...focal, '--out', 'out', '--json'],
        folder,
      );
      expect([exitCode, stderr.includes('warning')]).toEqual([0, false]);
      const { density } = JSON.parse(stdout);
      const expected = definition(logits, targets, density.beta, gamma, alpha);
      expect(density).toMatchObject({ task: 'classification', softTargets: true, total: expected.total });
      expect(expected.near).toBeLessThan(10);
      const moved = expected.counts.reduce((sum, count, j) => sum + Math.abs(count - density.counts[j]), 0);
      expect(moved).toBeLessThanOrEqual(2 * expected.near);
      for (const name of ['ce', 'focal', 'ghmc'] as const) {
        const error = Math.abs(density.loss[name] - expected.loss[name]);
        expect(error, name).toBeLessThan(density.lossErrorBound[name] + (2 * expected.near) / n);
        // the focal loss has the cells' width in it
        expect(error / expected.loss[name], name).toBeLessThan(name === 'focal' ? 5e-4 : 1e-5);
      }
      // a loss that is no function of g is summed itself
      expect(density.lossErrorBound.ce).toBeLessThan(1e-5 * density.loss.ce);
      const { shape, values } = readFloats(join(folder, 'out/x.beta.npy'));
      expect(shape).toEqual([n / 3, 3]);
      const wrong = values.filter((beta, i) => {
        const region = expected.regions[i];
        return beta !== (region < 0 ? 0 : Math.fround(density.beta[region]));
      });
      expect(wrong.length).toBeLessThanOrEqual(expected.near);
    },
  );

  it('give the same bytes for any threads, shards and split, losses included', async () => {
    const { logits, targets } = samplesOf(5000, 3);
    const t = targets.map((x) => Math.round(x * 256) / 256);
    const x = logits.map((value) => Math.round(value * 64) / 64);
    const weights = Array.from(t, (_, i) => (i % 11 === 0 ? 0 : 1));
    const folder = folderOf({
      'x/1.npy': npy('float16', [2000], x.slice(0, 2000)),
      'x/2.npy': npy('float64', [3000], x.slice(2000)),
      't/1.npy': npy('float64', [2000], t.slice(0, 2000)),
      't/2.npy': npy('float16', [3000], t.slice(2000)),
      'w/1.npy': npy('float16', [2000], weights.slice(0, 2000)),
      'w/2.npy': npy('uint8', [3000], weights.slice(2000)),
    });
    const at = (name: string) => join(folder, name);
    const options = (name: string) => ({
      logits: at(`x/${name}.npy`),
      labels: at(`t/${name}.npy`),
      labelWeights: at(`w/${name}.npy`),
      labelFormat: 'soft' as const,
    });
    await reweightInShards({ ...options('*'), threads: 1, out: at('one') });
    await reweightInShards({ ...options('*'), threads: 2, memory: '16MiB', out: at('two') }, 1500);
    expect(lastingOutputs(at('two'))).toEqual(lastingOutputs(at('one')));
    for (const name of ['1', '2']) await histogram({ ...options(name), out: at(`${name}.ghm`) });
    await merge({ partials: [at('2.ghm'), at('1.ghm')], out: at('sum.ghm') });
    await apply({ ...options('*'), density: at('sum.ghm'), out: at('applied') });
    expect(lastingOutputs(at('applied'))).toEqual(lastingOutputs(at('one')));
    await expect(
      apply({ ...options('*'), labelFormat: 'binary', density: at('sum.ghm'), out: at('o') }),
    ).rejects.toThrow(
      'made for classification with soft targets, and the samples are read for classification; use --label-format soft',
    );
  });

  it('that are all 0 or 1 give what hard labels give', async () => {
    const { logits, targets } = samplesOf(20_000, 5);
    const folder = folderOf({
      'x.npy': npy('float32', [20_000], logits),
      't.npy': npy(
        'int8',
        [20_000],
        targets.map((t) => Math.round(t)),
      ),
    });
    const at = (name: string) => join(folder, name);
    const files = { logits: at('x.npy'), labels: at('t.npy') };
    const hard = (await reweight({ ...files, labelFormat: 'binary', out: at('hard') })).density;
    const soft = (await reweight({ ...files, labelFormat: 'soft', out: at('soft') })).density;
    const moved = hard.counts.reduce((sum, count, j) => sum + Math.abs(count - soft.counts[j]), 0);
    expect(moved).toBeLessThanOrEqual(2);
    for (const name of ['ce', 'focal', 'ghmc'] as const) {
      expect(Math.abs(Number(soft.loss[name]) / Number(hard.loss[name]) - 1), name).toBeLessThan(1e-4);
    }
  });

  it('with an infinite loss have no mean, said as null, and those without a gradient none', async () => {
    const folder = folderOf({
      'x.npy': npy('float32', [2], [Number.POSITIVE_INFINITY, 1]),
      'wrong.npy': npy('float32', [2], [0.5, 0.5]),
      'right.npy': npy('float32', [2], [1, 0.5]),
    });
    const at = (name: string) => join(folder, name);
    const run = async (name: string) =>
      (await reweight({ logits: at('x.npy'), labels: at(`${name}.npy`), labelFormat: 'soft', out: at(name) })).density;
    expect((await run('wrong')).loss).toMatchObject({ ce: null, focal: null, ghmc: null });
    expect((await run('right')).loss.ce).toBeCloseTo((Math.log1p(Math.exp(1)) - 0.5) / 2, 6);
  });
});

describe('bad soft targets are refused with a message that says where:', () => {
  const X = npy('float32', [3, 2], [0, 1, 2, 3, 4, 5]);
  const cases: readonly [string, Uint8Array, Partial<ReweightOptions>, number, string][] = [
    [
      'above 1',
      npy('float32', [3, 2], [0, 1, 0.5, 1.5, 0, 2]),
      {},
      3,
      't.npy: row 1, class 1: expected a soft target from 0 to 1 (or the ignore label -1), found 1.5',
    ],
    [
      'below 0, of float16',
      npy('float16', [3, 2], [0, 1, 0.5, 1, -0.25, 1]),
      {},
      3,
      't.npy: row 2, class 0: expected a soft target from 0 to 1 (or the ignore label -1), found -0.25',
    ],
    [
      'NaN',
      npy('float64', [3, 2], [0, NAN, 0.5, 1, 0, 1]),
      {},
      3,
      't.npy: row 0, class 1: expected a soft target from 0 to 1 (or the ignore label -1), found NaN',
    ],
    [
      'one a row',
      npy('float32', [3], [0, 1, 0.5]),
      {},
      3,
      't.npy is float32 [3], which does not fit x.npy float32 [3, 2]; expected one target a sample, [3, 2]',
    ],
    [
      'not asked for',
      npy('float32', [3, 2], [0, 1, 0.5, 1, 0, 1]),
      { labelFormat: 'auto' },
      3,
      't.npy: row 1, class 0: expected a binary label 0 or 1 (or the ignore label -1), found 0.5; use --label-format soft for soft targets',
    ],
    [
      '--background-label',
      npy('float32', [3, 2], [0, 1, 0.5, 1, 0, 1]),
      { backgroundLabel: 2 },
      2,
      '--background-label is for class indices, and --label-format soft has none: drop one of them',
    ],
  ];

  it.each(cases)('%s', async (_, targets, options, exitCode, message) => {
    const folder = folderOf({ 'x.npy': X, 't.npy': targets });
    const files = { logits: join(folder, 'x.npy'), labels: join(folder, 't.npy'), out: join(folder, 'out') };
    const error: unknown = await reweight({ ...files, labelFormat: 'soft', ...options }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'GhmError', exitCode });
    expect(error instanceof Error && error.message.replaceAll(`${folder}/`, '')).toBe(message);
  });
});
