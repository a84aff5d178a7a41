import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../library/stream.ts';
import { runGhm, startGhm } from './command.ts';
import { faultScript } from './faults.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { STANDING } from './step-time.ts';

describe('a signal', () => {
  // start, planning, passes, the end: whatever it hits, all of the outputs are there or none
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the run with %i, and nothing half-written is left', async (signal, code) => {
    const { folder, options } = streamOf(200_000);
    const before = treeOf(folder);
    for (const wait of [120, 250, 400]) {
      const { child, ended } = startGhm(
        ['reweight', '--logits', options.logits, '--labels', options.labels, '--out', options.out, '--force'],
        folder,
        STANDING,
      );
      await sleep(wait);
      child.kill(signal);
      const { exitCode, stderr } = await ended;
      const left = treeOf(folder);
      if (exitCode === 0) {
        expect(Object.keys(left).filter((path) => path.startsWith('out/'))).toHaveLength(4);
        break;
      }
      // before ghm listens, the signal ends the process by itself
      expect([code, null]).toContain(exitCode);
      if (exitCode === code) expect(stderr.split('\n').at(-2)).toBe('ghm: interrupted: nothing was written');
      expect(left).toEqual(before);
    }
  });
});

describe('a long run', () => {
  /** Counts for some seconds: reads take their time. */
  function started() {
    const { folder, at, options } = streamOf(2_000_000);
    const slow = faultScript(`
      faults.read = (path) => {
        if (path.endsWith('.npy')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
      };`);
    const args = [
      'reweight',
      '--logits',
      options.logits,
      '--labels',
      options.labels,
      '--out',
      at('out'),
      '--threads',
      '1',
    ];
    return { folder, at, options, ...startGhm(args, folder, slow) };
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is stopped by %s within a second, says how to go on, and goes on', async (signal, code) => {
    const { folder, at, options, child, ended } = started();
    await sleep(4000);
    const asked = performance.now();
    child.kill(signal);
    const { exitCode, stderr } = await ended;
    const took = performance.now() - asked;
    expect(exitCode).toBe(code);
    expect(stderr.split('\n').at(-2)).toBe('ghm: interrupted; the same command with --resume goes on from there');
    expect(took).toBeLessThan(1000);
    const args = ['reweight', '--logits', options.logits, '--labels', options.labels];
    expect(await runGhm([...args, '--out', at('calm'), '--quiet'], folder)).toMatchObject({ exitCode: 0 });
    expect(await runGhm([...args, '--out', at('out'), '--quiet', '--resume'], folder)).toMatchObject({ exitCode: 0 });
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
  });

  it('is stopped at once by a second signal', async () => {
    const { child, ended } = started();
    await sleep(2500);
    child.kill('SIGTERM');
    child.kill('SIGINT');
    const asked = performance.now();
    expect([130, 143]).toContain((await ended).exitCode);
    expect(performance.now() - asked).toBeLessThan(1000);
  });
});

it('a reader that closes standard output early is no failure', async () => {
  const { folder, options } = streamOf(1000);
  const { child, ended } = startGhm(
    ['reweight', '--logits', options.logits, '--labels', options.labels, '--out', options.out],
    folder,
  );
  child.stdout?.destroy();
  const { exitCode, stderr } = await ended;
  expect([exitCode, stderr.includes('EPIPE')]).toEqual([0, false]);
  expect(Object.keys(treeOf(join(folder, 'out')))).toHaveLength(4);
});

it('histogram, merge and apply by the command give the files of reweight', async () => {
  const { folder } = streamOf(1000);
  const inputs = ['--logits', 'x.npy', '--labels', 'y.npy'];
  const runs = [
    ['reweight', ...inputs, '--out', 'whole', '--bins', '7'],
    ['histogram', ...inputs, '--out', 'p.ghm', '--bins', '7'],
    ['merge', 'p.ghm', '--out', 'm.ghm'],
    ['apply', ...inputs, '--density', 'm.ghm', '--out', 'applied'],
  ];
  for (const args of runs)
    expect(await runGhm([...args, '--quiet'], folder)).toMatchObject({ exitCode: 0, stdout: '' });
  const tree = treeOf(folder);
  expect(tree['p.ghm']).toBe(tree['m.ghm']);
  expect(tree['applied/x.beta.npy']).toBe(tree['whole/x.beta.npy']);
  expect(tree['applied/density.json']).toBe(tree['whole/density.json']);
});
