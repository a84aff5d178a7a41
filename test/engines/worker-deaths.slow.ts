import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { outliers, type ReweightOptions } from '../../src/index.ts';
import { workerFile } from '../../src/package-files.ts';
import { outliersInShards } from '../../src/run/outliers.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { streamOf } from '../library/stream.ts';
import { faultScript } from '../run/faults.ts';
import { lastingOutputs, treeOf } from '../run/folder-tree.ts';
import { npy } from '../run/npy-data.ts';
import { uniform } from '../run/random-parts.ts';
import { failure } from '../run/small-place.ts';
import { standStill } from '../run/step-time.ts';
import { folderOf } from '../sources/npy-files.ts';
import { amongDeaths, withThreads } from './thread-deaths.ts';

const SHARD = 20_000;

describe('workers that die at random moments change no byte', () => {
  const runs: Record<string, (at: (name: string) => string) => Partial<ReweightOptions>> = {
    'class indices': () => ({}),
    windows: () => ({ density: 'window', epsilon: 0.1 }),
    'a group a class': () => ({ group: 'class' }),
    batches: () => ({ batch: 'rows:1000', momentum: 0.5 }),
    softmax: () => ({ task: 'softmax', outputDtype: 'float16' }),
  };
  it.each(Object.entries(runs))('%s', async (name, choose) => {
    const { at, options } = streamOf(500_000);
    const labels = name === 'softmax' ? softmaxLabels(500_000) : options.labels;
    const given = { ...options, labels, ...choose(at) };
    await reweightInShards({ ...given, out: at('calm'), threads: 2 }, SHARD);
    const calm = lastingOutputs(at('calm'));
    const random = uniform(name.length);
    let deaths = 0;
    for (let round = 0; round < 4; round++) {
      const out = at(`round${round}`);
      const run = () => reweightInShards({ ...given, out, threads: 1 + (round % 3) }, SHARD);
      deaths += (await amongDeaths(random, 60, run)).deaths;
      expect(lastingOutputs(out)).toEqual(calm);
    }
    expect(deaths).toBeGreaterThan(6);
  });

  it.each([{}, { group: 'class' }])('nor where one dies while it adds up its counts: %j', async (choice) => {
    const { at, options } = streamOf(200_000);
    const given = { ...options, ...choice };
    await reweightInShards({ ...given, out: at('calm') }, SHARD);
    // the state of a done shard is stored when its counts have been added, and before that is known
    const script = faultScript(`
      const deaths = require('node:path').join(__dirname, 'deaths');
      const { store } = Atomics;
      let stores = 0;
      Atomics.store = (words, at, value) => {
        if (value < 0 && ++stores === 3 && (!fs.existsSync(deaths) || fs.statSync(deaths).size < 2)) {
          fs.appendFileSync(deaths, 'x');
          process.exit(9);
        }
        return store(words, at, value);
      };`);
    const run = () => reweightInShards({ ...given, threads: 2 }, SHARD);
    await withThreads((started) => ({ ...started, execArgv: ['--require', script] }), run);
    expect(readFileSync(join(dirname(script), 'deaths'), 'utf8')).toBe('xx');
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
  });

  it('nor where one dies when it has the number of a shard, and has not taken it', async () => {
    const { at, options } = streamOf(200_000);
    await reweightInShards({ ...options, out: at('calm') }, SHARD);
    const script = faultScript(`
      const deaths = require('node:path').join(__dirname, 'deaths');
      const { add, compareExchange } = Atomics;
      let numbers = 0;
      let isClaiming = false;
      Atomics.add = (words, at, value) => {
        isClaiming = words.length === 16 && at === 0;
        return add(words, at, value);
      };
      Atomics.compareExchange = (...all) => {
        if (isClaiming && ++numbers === 3 && (!fs.existsSync(deaths) || fs.statSync(deaths).size < 2)) {
          fs.appendFileSync(deaths, 'x');
          process.exit(9);
        }
        isClaiming = false;
        return compareExchange(...all);
      };`);
    const run = () => reweightInShards({ ...options, threads: 2 }, SHARD);
    await withThreads((started) => ({ ...started, execArgv: ['--require', script] }), run);
    expect(readFileSync(join(dirname(script), 'deaths'), 'utf8')).toBe('xx');
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
  });

  it('nor a row of the outliers', async () => {
    const { options } = streamOf(300_000);
    const { out: _, ...given } = options;
    const calm = await outliers({ ...given, top: 50 });
    const random = uniform(5);
    for (let round = 0; round < 4; round++) {
      const { result } = await amongDeaths(random, 60, () =>
        outliersInShards({ ...given, top: 50, threads: 2 }, SHARD),
      );
      expect({ ...result, seconds: 0 }).toEqual({ ...calm, seconds: 0 });
    }
  });

  // Node 20 aborts the whole process where a thread ends while it does that
  it('while none of them loads an ES module by require', async () => {
    const { options } = streamOf(20_000);
    const script = faultScript(`
      const loaded = require('node:path').join(__dirname, 'loaded');
      const { prototype } = require('node:module');
      const { _compile } = prototype;
      prototype._compile = function (content, path, format) {
        fs.appendFileSync(loaded, format + ' ' + path + '\\n');
        return _compile.call(this, content, path, format);
      };`);
    const run = () => reweightInShards({ ...options, threads: 1 }, 20_000);
    await withThreads((given) => ({ ...given, execArgv: ['--require', script] }), run);
    const loaded = readFileSync(join(dirname(script), 'loaded'), 'utf8');
    expect(loaded).toContain(fileURLToPath(workerFile('passes.cjs')));
    expect(loaded).not.toMatch(/^module /m);
  });

  function softmaxLabels(rows: number): string {
    const labels = Uint8Array.from({ length: rows }, (_, row) => row % 4);
    return join(folderOf({ 'classes.npy': npy('uint8', [rows], labels) }), 'classes.npy');
  }
});

describe('a shard that workers die of', () => {
  beforeEach(standStill);

  const deaths: Record<string, string> = {
    'that ends its thread': 'process.exit(9)',
    'that runs out of memory': 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length))',
  };
  const reasons: Record<string, string> = {
    'that ends its thread': 'worker exited with code: 9',
    'that runs out of memory': 'Worker terminated due to reaching memory limit: JS heap out of memory',
  };

  it.each(Object.entries(deaths))('%s: the third time the run ends and names it', async (name, death) => {
    const { folder, at, options } = streamOf(20_000);
    const script = faultScript(`
      faults.read = (path, position) => {
        if (path.endsWith('/x.npy') && position > 80000 && position < 160000) { ${death} }
      };`);
    const before = treeOf(folder);
    const run = withThreads(
      (given) => ({ ...given, execArgv: ['--require', script], resourceLimits: { maxOldGenerationSizeMb: 64 } }),
      () => reweightInShards({ ...options, threads: 2 }, 20_000),
    );
    expect(await failure(run)).toEqual({
      exitCode: 1,
      message: `${at('x.npy')}: rows 5000 to 9999: 3 worker threads died of it (${reasons[name]})`,
    });
    expect(treeOf(folder)).toEqual(before);
  });

  it('that throws: the third time the run ends and names it', async () => {
    const { at, options } = streamOf(20_000);
    const script = faultScript(`
      require('node:zlib').crc32 = () => { throw new RangeError('made up') };`);
    const run = withThreads(
      (given) => ({ ...given, execArgv: ['--require', script] }),
      () => reweightInShards({ ...options, threads: 1 }, 20_000),
    );
    expect(await failure(run)).toEqual({
      exitCode: 1,
      message: `${at('x.npy')}: rows 0 to 4999: 3 worker threads died of it (made up)`,
    });
  });

  it('once or twice is no matter', async () => {
    const { at, options } = streamOf(20_000);
    const script = faultScript(`
      const died = require('node:path').join(__dirname, 'died');
      faults.read = (path, position) => {
        if (!path.endsWith('/x.npy') || position < 80000) return;
        const times = fs.existsSync(died) ? fs.statSync(died).size : 0;
        if (times === 2) return;
        fs.appendFileSync(died, 'x');
        process.exit(9);
      };`);
    await reweightInShards({ ...options, out: at('calm') }, 20_000);
    const run = () => reweightInShards({ ...options, threads: 1 }, 20_000);
    await withThreads((given) => ({ ...given, execArgv: ['--require', script] }), run);
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
  });

  it('threads that cannot start end the run', async () => {
    const { at, options } = streamOf(20_000);
    const script = faultScript('process.exit(7);');
    const run = withThreads(
      (given) => ({ ...given, execArgv: ['--require', script] }),
      () => reweightInShards({ ...options, out: at('never'), threads: 2 }, 20_000),
    );
    const { exitCode, message } = await failure(run);
    expect([exitCode, message]).toEqual([1, 'a worker thread failed: threads end before they are ready']);
  });
});
