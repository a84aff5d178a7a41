import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { withThreads } from '../engines/thread-deaths.ts';
import { streamOf } from '../library/stream.ts';
import { folderOf } from '../sources/npy-files.ts';
import { type Ended, MAIN, runGhm } from './command.ts';
import { faultScript } from './faults.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';
import { failure } from './small-place.ts';
import { standStill } from './step-time.ts';

/** Runs the built command with at most so many open files. */
function limited(files: number, args: readonly string[], cwd: string): Promise<Ended> {
  const child = spawn('bash', ['-c', `ulimit -n ${files}; exec "$@"`, 'limited', process.execPath, MAIN, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

describe('a limit of open files', () => {
  /** 40 parts of each kind of file. */
  async function inputs() {
    const x = npy('float32', [4, 2], [-3, -2, -1, 1, 2, 3, 0, -1]);
    const y = npy('uint8', [4], [2, 0, 1, 2]);
    const folder = folderOf();
    for (const kind of ['in', 'st', 'pq']) mkdirSync(join(folder, kind));
    for (let i = 0; i < 40; i++) {
      writeFileSync(join(folder, `in/${i}.x.npy`), x);
      writeFileSync(join(folder, `in/${i}.y.npy`), y);
    }
    const pairs = { logits: join(folder, 'in/*.x.npy'), labels: join(folder, 'in/*.y.npy') };
    // files that hold weights are files of arrays, too: logits of their own here
    await reweight({ ...pairs, out: join(folder, 'as-st'), format: 'safetensors' });
    await reweight({ ...pairs, out: join(folder, 'as-pq'), format: 'parquet' });
    return { folder, pairs };
  }

  const kinds: Record<string, string[]> = {
    'pairs of npy': ['--logits', 'in/*.x.npy', '--labels', 'in/*.y.npy'],
    safetensors: ['--logits', 'as-st/*.safetensors', '--labels', 'in/*.y.npy', '--logits-key', 'beta'],
    parquet: ['--logits', 'as-pq/*.parquet', '--labels', 'in/*.y.npy', '--logits-key', 'beta_*'],
  };

  it.each(Object.entries(kinds))('%s: a clear error with exit code 1 and nothing left, or success', async (_, args) => {
    const { folder } = await inputs();
    const before = treeOf(folder);
    const calm = ['reweight', ...args, '--quiet', '--out', 'calm'];
    expect(await runGhm(calm, folder)).toMatchObject({ exitCode: 0, stderr: '' });
    const expected = lastingOutputs(join(folder, 'calm'));
    rmSync(join(folder, 'calm'), { recursive: true });
    const codes = new Set<number | null>();
    // Node itself does not start with less
    for (let files = 21; files <= 90; files += 3) {
      const { exitCode, stderr } = await limited(files, ['reweight', ...args, '--quiet', '--out', 'out'], folder);
      codes.add(exitCode);
      if (exitCode === 0) {
        expect(lastingOutputs(join(folder, 'out'))).toEqual(expected);
        break;
      }
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringMatching(/^ghm: .*(EMFILE|open files).*raise ulimit -n.*\n$/),
      ]);
      expect(treeOf(folder)).toEqual(before);
    }
    expect(codes).toEqual(new Set([1, 0]));
  });

  it.each([
    ['an input', "path.endsWith('.npy') && flags === 'r'"],
    ['an output', "path.includes('beta') && flags === 'r+'"],
  ])('met by a worker that opens %s', async (_, when) => {
    standStill();
    const { folder, options } = streamOf(1000);
    const before = treeOf(folder);
    const script = faultScript(`faults.open = (path, flags) => { if (${when}) throw systemError('EMFILE', 'open'); };`);
    const run = withThreads(
      (given) => ({ ...given, execArgv: ['--require', script] }),
      () => reweightInShards(options, 500),
    );
    const { exitCode, message } = await failure(run);
    expect([exitCode, message]).toEqual([
      1,
      expect.stringMatching(/: too many files are open \(EMFILE.*raise ulimit -n/),
    ]);
    expect(treeOf(folder)).toEqual(before);
  });
});
