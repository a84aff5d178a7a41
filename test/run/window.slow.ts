import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, histogram, merge, planReweight, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { sortedBeta } from '../density/sorted-window.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, SAMPLE } from './command.ts';
import { lastingOutputs } from './folder-tree.ts';
import type { NaivePart } from './naive.ts';
import { npy, readFloats } from './npy-data.ts';
import { randomStream, uniform, writeStream } from './random-parts.ts';

const isIgnored = (code: number): boolean => code === 2;
const allIgnored = ({ codes }: NaivePart): boolean => Array.from(codes).every(isIgnored);

describe('reweight by windows', () => {
  it('gives the bytes of histogram of the parts, merge and apply, for any threads, memory and shard size', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomStream,
        fc.constantFrom(0.05, 0.3, 2),
        fc.integer({ min: 1, max: 500 }),
        async (stream, epsilon, shardSamples) => {
          const { folder, options, partOptions, naive: parts } = writeStream(stream);
          fc.pre(!parts.some(allIgnored));
          const at = (name: string): string => join(folder, name);
          const given = { ...options, density: 'window', epsilon, bins: stream.bins } as const;
          await reweight({ ...given, out: at('whole'), threads: 1 });
          const whole = lastingOutputs(at('whole'));
          await reweightInShards({ ...given, out: at('other'), threads: 3, memory: '64MiB' }, shardSamples);
          expect(lastingOutputs(at('other'))).toEqual(whole);

          for (const [i, part] of partOptions.entries()) {
            await histogram({ ...part, density: 'window', bins: stream.bins, out: at(`${i}.ghm`) });
          }
          await merge({ partials: [at('?.ghm')], out: at('all.ghm') });
          const asked = { method: 'window', epsilon } as const;
          await apply({ ...options, ...asked, density: at('all.ghm'), out: at('applied'), threads: 2 });
          expect(lastingOutputs(at('applied'))).toEqual(whole);
          await apply({ ...options, density: at('whole/density.json'), out: at('again') });
          expect(lastingOutputs(at('again'))).toEqual(whole);
        },
      ),
      { numRuns: 4 },
    );
  });

  it('of float16 logits is the definition, to the rounding of the weights', async () => {
    const random = uniform(3);
    const logits = Array.from({ length: 3000 }, () => 12 * (random() - 0.8));
    const codes = logits.map(() => Number(random() < 0.1));
    const folder = folderOf({ 'x.npy': npy('float16', [3000], logits), 'y.npy': npy('uint8', [3000], codes) });
    const at = (name: string): string => join(folder, name);
    const input = { logits: at('x.npy'), labels: at('y.npy') };
    const { density } = await reweight({ ...input, density: 'window', bins: 10, out: at('out') });
    expect(density.window).toMatchObject({ epsilon: 0.1, errorBound: { max: 0, mean: 0 } });
    expect(density.window).not.toHaveProperty('pieces');
    const z = readFloats(at('x.npy')).values.map((x, i) => (codes[i] === 1 ? -x : x));
    const beta = sortedBeta(z, 0.1);
    const written = readFloats(at('out/x.beta.npy')).values;
    for (const [i, weight] of written.entries()) expect(Math.abs(weight / beta[i] - 1)).toBeLessThan(1e-6);
  });

  it('limits, scales and rounds the weights like any others', async () => {
    const input = { logits: join(SAMPLE, 'logits.npy'), labels: join(SAMPLE, 'labels.npy') };
    const folder = folderOf({});
    const given = { ...input, density: 'window', maxWeight: 5, meanOne: true, outputDtype: 'float16' } as const;
    const { density } = await reweight({ ...given, out: join(folder, 'out') });
    const weights = readFloats(join(folder, 'out/logits.beta.npy')).values;
    expect(Math.max(...weights.slice(0, 100_000))).toBeLessThanOrEqual(5);
    expect(weights.reduce((sum, weight) => sum + weight) / density.total).toBeCloseTo(1, 3);
  });
});

describe('what does not fit windows is refused', () => {
  const random = uniform(4);
  const logits = Array.from({ length: 500 }, () => 12 * (random() - 0.8));
  const labels = npy('uint8', [500], new Array(500).fill(0));
  const place = () => {
    const folder = folderOf({ 'x.npy': npy('float32', [500], logits), 'y.npy': labels });
    const at = (name: string): string => join(folder, name);
    return { at, input: { logits: at('x.npy'), labels: at('y.npy') } };
  };

  it('partials counted for windows and those that were not, or by other bits', async () => {
    const { at, input } = place();
    await histogram({ ...input, out: at('a.ghm') });
    await histogram({ ...input, density: 'window', out: at('b.ghm') });
    await histogram({ ...input, density: 'window', windowBits: 20, out: at('c.ghm') });
    const refused = (other: string, one: string, found: string, first: string) => ({
      exitCode: 3,
      message: `${at(other)}: counted ${found}, but ${at(one)} ${first}; count both with the same --density and --window-bits`,
    });
    const [alone, by21, by20] = ['for unit regions alone', 'for windows by 21 bits', 'for windows by 20 bits'];
    const both = (one: string, other: string) => merge({ partials: [at(one), at(other)], out: at('m.ghm') });
    await expect(both('a.ghm', 'b.ghm')).rejects.toMatchObject(refused('b.ghm', 'a.ghm', by21, alone));
    await expect(both('b.ghm', 'c.ghm')).rejects.toMatchObject(refused('c.ghm', 'b.ghm', by20, by21));
  });

  it('a partial that was not counted for windows gives one all the same, and says how certain it is', async () => {
    const { at, input } = place();
    await histogram({ ...input, out: at('a.ghm') });
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const { density } = await apply({ ...input, density: at('a.ghm'), method: 'window', out: at('o'), onWarning });
    expect(density.window?.errorBound.max).toBeGreaterThan(0);
    expect(warnings.join()).toMatch(
      /^the partial was not counted for windows: their density is certain to \S+ % in the mean and \S+ % at worst; ghm histogram --density window counts more finely$/,
    );
  });

  it('codes, of which there is one a region', async () => {
    const { at, input } = place();
    const plan = planReweight({ ...input, density: 'window', outputDtype: 'code', out: at('o') });
    await expect(plan).rejects.toMatchObject({
      exitCode: 2,
      message:
        '--output-dtype code: codes are numbers of unit regions, and the weights of windows vary within a region; ' +
        'use --output-dtype float16',
    });
  });

  it('a density.json takes no method and no epsilon', async () => {
    const { at, input } = place();
    await reweight({ ...input, density: 'window', out: at('o') });
    const again = { ...input, density: at('o/density.json'), out: at('p') };
    for (const [options, flag] of [
      [{ method: 'window' }, '--method'],
      [{ method: 'window', epsilon: 0.1 }, '--method'],
    ] as const) {
      await expect(apply({ ...again, ...options })).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(`^${flag}: `),
      });
    }
  });

  it('a memory too small for the tables', async () => {
    const { at, input } = place();
    await expect(reweight({ ...input, density: 'window', out: at('o'), memory: '8MiB' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^--memory: expected at least \d+ MiB for this input, found 8 MiB$/),
    });
  });
});

it('the built command counts, merges and weighs by windows', async () => {
  const folder = folderOf({});
  const at = (name: string): string => join(folder, name);
  const input = ['--logits', join(SAMPLE, 'logits.npy'), '--labels', join(SAMPLE, 'labels.npy')];
  const whole = await runGhm(['reweight', ...input, '--density', 'window', '--epsilon', '0.1', '--out', at('whole')]);
  expect(whole).toMatchObject({ exitCode: 0 });
  expect(whole.stdout).toContain('beta = N / GD, GD in a window of 0.1 around each sample\nGD is exact\n');
  await runGhm(['histogram', ...input, '--density', 'window', '--out', at('a.ghm')]);
  const asked = ['--density', at('a.ghm'), '--method', 'window', '--epsilon', '0.1'];
  expect(await runGhm(['apply', ...input, ...asked, '--out', at('o')])).toMatchObject({ exitCode: 0 });
  expect(lastingOutputs(at('o'))).toEqual(lastingOutputs(at('whole')));
  expect(readFileSync(at('whole/report.html'), 'utf8')).toContain('window of 0.1');
});
