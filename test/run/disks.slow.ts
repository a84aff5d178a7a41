import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import type { Progress } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { withThreads } from '../engines/thread-deaths.ts';
import { streamOf } from '../library/stream.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, startGhm } from './command.ts';
import { faultScript } from './faults.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { failure } from './small-place.ts';
import { standStill } from './step-time.ts';

/** A file system of its own, until the test ends. */
function mounted(context: TestContext, options: string): string {
  const folder = folderOf();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], { stdio: 'ignore' });
  } catch {
    context.skip('no file system can be mounted here');
  }
  onTestFinished(() => {
    execFileSync('umount', [folder]);
  });
  return folder;
}

describe('a file system', () => {
  it('that can only be read: exit code 1, and why', async (context) => {
    const place = mounted(context, 'ro');
    const { options } = streamOf(1000);
    const inputs = ['--logits', options.logits, '--labels', options.labels, '--quiet'];
    const runs = [
      ['reweight', 'out', join(place, 'out')],
      ['histogram', 'all.ghm', place],
    ] as const;
    for (const [command, name, said] of runs) {
      const { exitCode, stderr } = await runGhm([command, ...inputs, '--out', join(place, name)]);
      expect([exitCode, stderr.replace(/, mkdir '.*'/, '')]).toEqual([
        1,
        `ghm: --out ${said}: cannot be written (EROFS: read-only file system)\n`,
      ]);
    }
    expect(treeOf(place)).toEqual({});
  });

  it('with too little room: exit code 1 before the run, nothing left', async (context) => {
    const place = mounted(context, 'size=1M');
    const { options } = streamOf(100_000);
    const args = ['reweight', '--logits', options.logits, '--labels', options.labels, '--out', join(place, 'out')];
    const { exitCode, stderr } = await runGhm([...args, '--quiet']);
    expect([exitCode, stderr.replace(/\d+ left/, '.. left')]).toEqual([
      1,
      `ghm: ${join(place, 'out')}: the outputs need 1600000 bytes, the disk has .. left\n`,
    ]);
    expect(treeOf(place)).toEqual({});
  });

  it('that others fill while the run weighs: exit code 1, and --resume goes on', async (context) => {
    const disk = mounted(context, 'size=9M');
    const { folder, at, options } = streamOf(300_000);
    const inputs = ['--logits', options.logits, '--labels', options.labels];
    const args = ['reweight', ...inputs, '--quiet', '--threads', '1', '--out'];
    expect(await runGhm([...args, at('calm')], folder)).toMatchObject({ exitCode: 0 });
    // before the first write of weights, and more than a second after the start
    const script = faultScript(`
      let filled = false;
      faults.write = (path, position) => {
        if (filled || isMainThread || !path.includes('beta')) return;
        filled = true;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
        try { for (let i = 0; ; i++) fs.appendFileSync('${join(disk, 'other')}', Buffer.alloc(65536)); } catch {}
      };`);
    const { exitCode, stderr } = await startGhm([...args, join(disk, 'out')], folder, script).ended;
    expect([exitCode, stderr.split('\n')[0]]).toEqual([1, expect.stringContaining('ENOSPC')]);
    rmSync(join(disk, 'other'));
    expect(readdirSync(disk).filter((name) => name !== 'out')).toEqual([]);
    expect(await runGhm([...args, join(disk, 'out'), '--resume'], folder)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(lastingOutputs(join(disk, 'out'))).toEqual(lastingOutputs(at('calm')));
  });

  it('with a quota that is used up: exit code 1, nothing left of a short run', async () => {
    standStill();
    const { at, folder, options } = streamOf(20_000);
    const script = faultScript(`
      faults.write = (path, position) => {
        if (path.includes('beta') && position > 100000) throw systemError('EDQUOT', 'write');
      };`);
    const run = withThreads(
      (given) => ({ ...given, execArgv: ['--require', script] }),
      () => reweightInShards(options, 20_000),
    );
    expect(await failure(run)).toEqual({
      exitCode: 1,
      message: `writing the output failed (EDQUOT: made up for a test): ${at('out/.ghm-run/x.beta.npy')}`,
    });
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
  });
});

it.each([
  ['count', 0],
  ['count', 1],
  ['weigh', 0],
  ['weigh', 1],
] as const)(
  'an output folder that vanishes in pass %s, from %d of it on: exit code 1, nothing left',
  async (pass, from) => {
    standStill();
    const { at, folder, options } = streamOf(100_000);
    const onProgress = (progress: Progress) => {
      if (progress.pass === pass && progress.done >= from * progress.total)
        rmSync(at('out'), { recursive: true, force: true });
    };
    const { exitCode, message } = await failure(reweightInShards({ ...options, onProgress }, 20_000));
    expect([exitCode, message.includes('ENOENT')], message).toEqual([1, true]);
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
  },
);

it('an output folder that vanishes before outputs get their names: exit code 1, and only the inputs are left', async () => {
  const { at, folder, options } = streamOf(1000);
  const script = faultScript(`
    const { renameSync } = fs;
    fs.renameSync = (from, to) => {
      if (to.endsWith('beta.npy')) fs.rmSync('${at('out')}', { recursive: true, force: true });
      return renameSync(from, to);
    };`);
  const args = ['reweight', '--logits', options.logits, '--labels', options.labels, '--quiet', '--out', at('out')];
  const { exitCode, stderr } = await startGhm(args, folder, script).ended;
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^ghm: finishing the outputs .*ENOENT.*\n$/)]);
  expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
});
