import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { generate, type ReweightOptions } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { withThreads } from '../engines/thread-deaths.ts';
import { streamOf } from '../library/stream.ts';
import { folderOf } from '../sources/npy-files.ts';
import { startGhm } from './command.ts';
import { faultScript } from './faults.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { failure } from './small-place.ts';
import { hurry, standStill } from './step-time.ts';

const SHARD = 20_000;

/** Runs with the file layer of the workers broken as `body` says. */
function broken(body: string, options: ReweightOptions): Promise<unknown> {
  const script = faultScript(body);
  return withThreads(
    (given) => ({ ...given, execArgv: ['--require', script] }),
    () => reweightInShards(options, SHARD),
  );
}

describe('reads', () => {
  it('that return a part, or fail and pass, change no byte', async () => {
    const { at, options } = streamOf(20_000);
    await reweightInShards({ ...options, out: at('calm') });
    const faults = `
      let calls = 0;
      faults.read = (path, _, length) => {
        if (!path.endsWith('.npy')) return;
        calls++;
        if (calls % 5 === 0) throw systemError('EIO', 'read');
        if (calls % 7 === 0) return 0;
        return 1 + (calls * 7919) % length;
      };`;
    await broken(faults, options);
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
  });

  it.each([
    ["throw systemError('EIO', 'read')", 'failed 4 times (EIO: made up for a test)'],
    ['return 0', 'failed 4 times (no bytes where the file has some)'],
    ["throw systemError('EISDIR', 'read')", 'failed (EISDIR: made up for a test)'],
  ])('that go on failing end the run: %s', async (fault, words) => {
    standStill();
    const { at, options } = streamOf(20_000);
    const run = broken(
      `faults.read = (path, position) => { if (path.endsWith('y.npy') && position > 9000) ${fault}; };`,
      options,
    );
    expect(await failure(run)).toEqual({
      exitCode: 1,
      message: `${at('y.npy')}: reading at byte 10072 ${words}`,
    });
  });

  it('of a file that is cut off meanwhile say where', async () => {
    const { at, options } = streamOf(20_000);
    const run = broken(
      `faults.read = (path, position) => {
        if (path.endsWith('x.npy') && position > 100000) fs.truncateSync(path, 90000);
      };`,
      { ...options, threads: 1 },
    );
    const { exitCode, message } = await failure(run);
    expect([exitCode, message]).toEqual([
      3,
      `${at('x.npy')}: ends at byte 160074, expected 80000 bytes more; it was truncated`,
    ]);
  });
});

it('an input that changes between the passes and hides it is found by its sums', async () => {
  const { at, folder, options } = streamOf(100_000);
  utimesSync(at('y.npy'), 1e9, 1e9);
  let changed = false;
  const onProgress: ReweightOptions['onProgress'] = ({ pass, done, total }) => {
    if (changed || pass !== 'count' || done < total) return;
    changed = true;
    const bytes = readFileSync(at('y.npy'));
    bytes[bytes.length - 100_000 + 55_555] ^= 1;
    writeFileSync(at('y.npy'), bytes);
    utimesSync(at('y.npy'), 1e9, 1e9);
  };
  expect(await failure(reweightInShards({ ...options, onProgress }, SHARD))).toEqual({
    exitCode: 3,
    message:
      `${at('y.npy')}: rows 55000 to 59999 are not what they were when they were counted: the file changed during the run; ` +
      'run again when nothing writes to it',
  });
  expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
});

describe('a disk', () => {
  it('that is full in the second pass: exit code 1, and --resume goes on', async () => {
    hurry();
    const { at, options } = streamOf(200_000);
    await reweightInShards({ ...options, out: at('calm') }, SHARD);
    const faults = `
      faults.read = () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); };
      faults.write = (path, position) => {
        if (path.includes('beta') && position > 2500000) throw systemError('ENOSPC', 'write');
      };`;
    const { exitCode, message } = await failure(broken(faults, { ...options, threads: 1 }));
    expect([exitCode, message]).toEqual([
      1,
      `writing the output failed (ENOSPC: made up for a test): ${at('out/.ghm-run/x.beta.npy')}\n` +
        'the same command with --resume goes on from there',
    ]);
    expect(Object.keys(lastingOutputs(at('out'))).every((path) => path.startsWith('.ghm-run'))).toBe(true);
    await reweightInShards({ ...options, resume: true }, SHARD);
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
  });

  it('keeps the room of large outputs for the run', async (context) => {
    const folder = folderOf();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=90M', 'none', folder], { stdio: 'ignore' });
    } catch {
      context.skip('no file system can be mounted here');
    }
    onTestFinished(() => {
      execFileSync('umount', [folder]);
    });
    const data = folderOf();
    await generate({ samples: 18_000_000, out: data });
    const logits = join(data, '*.logits.npy');
    const options = { logits, labels: join(data, '*.labels.npy'), out: join(folder, 'out') };
    // others would take it while the run writes
    const other = join(folder, 'other');
    let refused: unknown;
    const onProgress: ReweightOptions['onProgress'] = ({ pass }) => {
      if (pass !== 'weigh' || refused !== undefined) return;
      try {
        writeFileSync(other, new Uint8Array(30_000_000));
        refused = 'it was not';
      } catch (error) {
        refused = error;
        rmSync(other);
      }
    };
    const { samples } = await reweightInShards({ ...options, onProgress });
    expect([samples, String(refused)]).toEqual([18_000_000, 'Error: ENOSPC: no space left on device, write']);
  });

  it('whose folder vanishes during the run: exit code 1', async () => {
    const { at, folder, options } = streamOf(100_000);
    const onProgress = () => rmSync(at('out'), { recursive: true, force: true });
    const { exitCode, message } = await failure(reweightInShards({ ...options, onProgress }, SHARD));
    expect([exitCode, message.includes('ENOENT')]).toEqual([1, true]);
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
  });

  it('that can only be read: exit code 1, nothing left', async () => {
    const { at, folder, options } = streamOf(1000);
    rmSync(at('out'), { recursive: true, force: true });
    const script = faultScript(`
      fs.mkdirSync = () => { throw systemError('EROFS', 'mkdir'); };`);
    const before = treeOf(folder);
    const { ended } = startGhm(
      ['reweight', '--logits', options.logits, '--labels', options.labels, '--out', at('out')],
      folder,
      script,
    );
    const { exitCode, stderr } = await ended;
    expect([exitCode, stderr]).toEqual([
      1,
      `ghm: --out ${at('out')}: cannot be written (EROFS: made up for a test, mkdir)\n`,
    ]);
    expect(treeOf(folder)).toEqual(before);
  });
});
