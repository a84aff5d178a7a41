import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply, applyShard, finish, histogram, merge, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { tensorBackend } from '../../src/tfjs/index.ts';
import { seeded } from '../kernels/implementations.ts';
import { hasRealData, npzMember, REAL } from '../real-data.ts';
import { runGhm, SAMPLE } from '../run/command.ts';
import { lastingOutputs, treeOf } from '../run/folder-tree.ts';
import { edgesOf, regionOf } from '../run/naive.ts';
import { npy } from '../run/npy-data.ts';
import { folderOf } from '../sources/npy-files.ts';
import { byBoth, TENSOR_ENGINES, type Weighed } from './both-engines.ts';

const NAN = Number.NaN;
const INFINITE = Number.POSITIVE_INFINITY;
/** How far norms that float32 computes may be from those of exact arithmetic. */
const TOLERANCE = 2 ** -22;

const sampleFile = (name: string): string => join(SAMPLE, `${name}.npy`);
const sample = {
  logits: sampleFile('logits'),
  labels: sampleFile('labels'),
  labelWeights: sampleFile('label_weights'),
};

/** Counts and weights are those of the kernels; mean losses too where they are not summed sample by sample. */
function expectSame({ kernels, tensors }: { readonly kernels: Weighed; readonly tensors: Weighed }): void {
  expect(tensors.density).toEqual(kernels.density);
  // as text: a difference in a million numbers is found at once
  expect(tensors.weights.map(String)).toEqual(kernels.weights.map(String));
}

describe.each(TENSOR_ENGINES)('--engine %s', (engine) => {
  it.each([1, 10, 30, 100])('weighs the shipped float16 sample as the kernels do, with %i regions', async (bins) => {
    expectSame(await byBoth({ ...sample, bins }, engine));
  });

  describe.runIf(hasRealData)('on the outputs of a detector on 72 images', () => {
    const at = (name: string): string => `${REAL}/${name}`;
    const real = { logits: at('logits.npy'), labels: at('labels.npy'), labelWeights: at('label_weights.npy') };

    it.each([10, 30])('has the counts and weights of the kernels, all of them, with %i regions', async (bins) => {
      const both = await byBoth({ ...real, bins }, engine);
      expectSame(both);
      const golden = JSON.parse(readFileSync(at('golden.json'), 'utf8')).splits.test[`ghmc_bins${bins}`];
      expect(both.tensors.density.counts).toEqual(golden.counts);
    });

    it('has those of a softmax over the classes of its foreground', async () => {
      const labels = new BigInt64Array(new Uint8Array(readFileSync(real.labels)).buffer.slice(128));
      // background is no class of these logits: its rows are left out
      const classes = Array.from(labels, (label) => (label === 3n ? -1 : Number(label)));
      const folder = folderOf({ 'y.npy': npy('int8', [classes.length], classes) });
      expectSame(await byBoth({ task: 'softmax', logits: real.logits, labels: `${folder}/y.npy` }, engine));
    });

    it('has those of its boxes', async () => {
      const member = (name: string) => npzMember(at('regression.npz'), name);
      const folder = folderOf({
        'p.npy': member('bbox_pred'),
        't.npy': member('bbox_target'),
        'w.npy': member('bbox_weights'),
      });
      const boxes = { bboxPred: `${folder}/p.npy`, bboxTarget: `${folder}/t.npy`, bboxWeights: `${folder}/w.npy` };
      expectSame(await byBoth({ task: 'regression', ...boxes, bins: 10 }, engine));
    });
  });

  it.each([2, 3, 30, 255])(
    'puts a sample in the region beside only where its norm is within 2^-22 of the edge between, of %i regions',
    async (bins) => {
      const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -126))) - 23);
      const edges = edgesOf(bins);
      const logits = edges.flatMap((edge) =>
        [0, 1, 2, 3, 5, 8, 20].flatMap((k) => [-k, k].map((step) => Math.fround(Math.fround(edge) + step * ulp(edge)))),
      );
      const labels = logits.map((_, i) => (i >> 1) % 2);
      const n = logits.length;
      const folder = folderOf({ 'x.npy': npy('float32', [n], logits), 'y.npy': npy('uint8', [n], labels) });
      const given = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy'), bins, engine };
      await reweight({ ...given, outputDtype: 'code', out: join(folder, 'out') });
      const regions = readFileSync(join(folder, 'out/x.code.npy')).subarray(-n);
      const strayed = logits.flatMap((x, i) => {
        const z = labels[i] === 1 ? -x : x;
        const region = regionOf(z, edges);
        if (regions[i] === region) return [];
        const g = 1 / (1 + Math.exp(-z));
        return [Math.abs(g - Math.max(region, regions[i]) / bins) + 9 * (Math.abs(regions[i] - region) - 1)];
      });
      // the samples are as near to edges as float32 can be: some stray, and none from further away
      expect(strayed.length).toBeGreaterThan(0);
      expect(Math.max(...strayed)).toBeLessThan(TOLERANCE);
    },
  );

  it('knows signed zeros, subnormals, infinities and NaN', async () => {
    const logits = [0, -0, 1e-45, -1e-45, INFINITE, -INFINITE, 100, -100, 3e38, -3e38, 1.5, -1.5, NAN];
    const codes = logits.map((_, i) => i % 2);
    const n = logits.length;
    const folder = folderOf({ 'x.npy': npy('float32', [n], logits), 'y.npy': npy('bool', [n], codes) });
    const given = { logits: join(folder, 'x.npy'), labels: join(folder, 'y.npy') };
    // M is odd: no edge at 0, where float32 does not tell a subnormal from nothing
    expectSame(await byBoth({ ...given, nonFinite: 'ignore', bins: 5 }, engine));
    await expect(reweight({ ...given, engine, out: join(folder, 'out') })).rejects.toMatchObject({
      exitCode: 3,
      message: `${given.logits}: row 12: expected a logit, found NaN; use --non-finite ignore to leave such samples out`,
    });
    expect(Object.keys(treeOf(folder))).toEqual(['x.npy', 'y.npy']);
  });

  it('reads labels, weights and numbers of every form', async () => {
    const next = seeded(5);
    const uniform = () => (next() + 0.5) / 2 ** 32;
    const [rows, classes] = [4000, 7];
    const logits = Array.from({ length: rows * classes }, () => 12 * uniform() - 9);
    const indices = Array.from({ length: rows }, () => (uniform() < 0.7 ? classes : (next() % (classes + 1)) - 1));
    const oneHot = logits.map((_, i) => Number(indices[Math.floor(i / classes)] === i % classes));
    const valid = logits.map(() => Number(uniform() < 0.9));
    const soft = logits.map(() => (uniform() < 0.8 ? 0 : Math.fround(uniform())));
    const folder = folderOf({
      'x32.npy': npy('float32', [rows, classes], logits),
      'x64.npy': npy('float64', [rows, classes], logits),
      'x16.npy': npy('float16', [rows, classes], logits),
      'index.npy': npy('int64', [rows], indices),
      'hot.npy': npy('float32', [rows, classes], oneHot),
      'soft.npy': npy('float32', [rows, classes], soft),
      'valid.npy': npy('uint8', [rows, classes], valid),
      'targets.npy': npy(
        'float64',
        [rows, classes],
        logits.map((x, i) => x + (valid[i] ? 1e-6 : 1) * uniform()),
      ),
    });
    const at = (name: string): string => join(folder, `${name}.npy`);
    const labels = { labels: at('index'), labelWeights: at('valid') };
    for (const logits of ['x32', 'x64', 'x16']) expectSame(await byBoth({ logits: at(logits), ...labels }, engine));
    expectSame(await byBoth({ logits: at('x32'), labels: at('index') }, engine));
    expectSame(await byBoth({ logits: at('x32'), labels: at('hot') }, engine));
    const boxes = { bboxPred: at('x64'), bboxTarget: at('targets'), bboxWeights: at('valid') };
    const { kernels, tensors } = await byBoth({ task: 'regression', ...boxes, mu: 1e-6 }, engine);
    expect([tensors.density.counts, tensors.weights]).toEqual([kernels.density.counts, kernels.weights]);

    const softened = await byBoth({ logits: at('x32'), labels: at('soft'), labelFormat: 'soft' }, engine);
    expect(softened.tensors.density.counts).toEqual(softened.kernels.density.counts);
    expect(softened.tensors.weights).toEqual(softened.kernels.weights);
    for (const name of ['ce', 'focal', 'ghmc'] as const) {
      const [found, expected] = [softened.tensors, softened.kernels].map(({ density }) => Number(density.loss[name]));
      expect(Math.abs(found / expected - 1)).toBeLessThan(1e-6);
    }
  });

  it('does not depend on threads, memory or shards, and writes every dtype', async () => {
    const folder = folderOf();
    const outputs = [];
    for (const [i, run] of [{ threads: 1 }, { threads: 2, memory: '24MiB' }].entries()) {
      for (const shardSamples of [undefined, 50_000]) {
        const out = join(folder, `${i}-${shardSamples}`);
        await reweightInShards({ ...sample, ...run, engine, outputDtype: 'float16', out }, shardSamples);
        outputs.push(lastingOutputs(out));
      }
    }
    await reweight({ ...sample, outputDtype: 'float16', out: join(folder, 'kernels') });
    for (const output of outputs) expect(output).toEqual(lastingOutputs(join(folder, 'kernels')));
  });

  it('does shards, whose weights are those of the kernels, and says so of each', async () => {
    const folder = folderOf();
    await reweight({ ...sample, out: join(folder, 'whole') });
    const density = join(folder, 'whole/density.json');
    const out = join(folder, 'shards');
    for (const [shard, name] of [
      ['1/2', engine],
      ['2/2', 'threads'],
    ] as const) {
      const { engine: told } = await applyShard({ ...sample, density, engine: name, shard, out });
      expect(told?.name).toBe(name);
    }
    await finish({ out });
    const beta = (run: string) => readFileSync(join(folder, run, 'logits.beta.npy'));
    expect(beta('shards').equals(beta('whole'))).toBe(true);
  });

  it('makes partials that merge with those of the kernels, and weighs by any', async () => {
    const folder = folderOf();
    const parts = await Promise.all(
      [engine, 'threads' as const].map(async (name) => {
        const out = join(folder, `${name}.ghm`);
        await histogram({ ...sample, engine: name, out });
        return readFileSync(out, 'utf8');
      }),
    );
    expect(parts[0]).toBe(parts[1]);
    await merge({ partials: [join(folder, `${engine}.ghm`), join(folder, 'threads.ghm')], out: join(folder, 'm.ghm') });
    const weighed = [engine, 'threads' as const].map(async (name) => {
      await apply({ ...sample, density: join(folder, 'm.ghm'), engine: name, out: join(folder, `by-${name}`) });
      return lastingOutputs(join(folder, `by-${name}`));
    });
    const [tensors, kernels] = await Promise.all(weighed);
    expect(tensors).toEqual(kernels);
  });
});

describe('the command', () => {
  const flags = ['--logits', sample.logits, '--labels', sample.labels, '--label-weights', sample.labelWeights];

  it('says what computed, and why that', async () => {
    const folder = folderOf();
    const { package: name, version, backend, why } = await tensorBackend();
    const run = await runGhm(['reweight', ...flags, '--engine', 'tfjs', '--out', 'out'], folder);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain(`\ncomputed by ${name} ${version}, backend ${backend}: ${why}\n`);
    expect(run.stderr).toBe('');
    const { engine } = JSON.parse(readFileSync(join(folder, 'out/summary.json'), 'utf8'));
    expect(engine).toEqual({ name: 'tfjs', backend: { package: name, version, backend, why } });
  });

  it.skipIf(TENSOR_ENGINES.includes('tfjs-node'))(
    'ends where the native library was asked for and does not load',
    async () => {
      const folder = folderOf();
      const reason = await tensorBackend('tfjs-node').catch((error: Error) => error.message);
      for (const command of ['reweight', 'histogram']) {
        const run = await runGhm([command, ...flags, '--engine', 'tfjs-node', '--out', 'out', '--json'], folder);
        expect([run.exitCode, run.stdout, run.stderr]).toEqual([1, '', `ghm: ${reason}\n`]);
        expect(treeOf(folder)).toEqual({});
      }
    },
  );

  it('refuses a memory that tensors do not fit in', async () => {
    const folder = folderOf();
    const run = await runGhm(['reweight', ...flags, '--engine', 'tfjs', '--memory', '8MiB', '--out', 'out'], folder);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/^ghm: --memory: expected at least \d+ MiB for this input, found 8 MiB\n$/);
  });
});
