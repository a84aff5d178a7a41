import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { histogram, merge, type ReweightOptions, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';
import { failure, place, X } from './small-place.ts';

describe('an output that cannot be', () => {
  const cases: readonly (readonly [string, string, Partial<ReweightOptions>])[] = [
    ['the folder of the inputs', 'in', {}],
    ['an input', 'in/x.npy', { force: true }],
    ['below an input', 'in/x.npy/out', { force: true }],
    ['a file', 'note', { force: true }],
  ];
  it.each(cases)('%s: exit code 2, nothing touched', async (_, out, more) => {
    const { folder, at, input } = place({ note: 'mine' });
    const before = treeOf(folder);
    const { exitCode, message } = await failure(reweight({ ...input, ...more, out: at(out) }));
    expect(exitCode).toBe(2);
    expect(message).toContain(at(out));
    expect(treeOf(folder)).toEqual(before);
  });

  it('where a glob of the inputs would find it in the next run', async () => {
    const { folder, at, input } = place();
    const before = treeOf(folder);
    const labels = { labels: at('in/y.npy'), logits: at('**/x*.npy') };
    const { exitCode, message } = await failure(reweight({ ...input, ...labels, out: at('out') }));
    expect([exitCode, message.includes(at('**/x*.npy'))]).toEqual([2, true]);
    expect(treeOf(folder)).toEqual(before);
  });

  it('the folder of the inputs by another name', async () => {
    const { folder, at, input } = place();
    symlinkSync('in', at('link'));
    const before = treeOf(folder);
    expect((await failure(reweight({ ...input, out: at('link') }))).exitCode).toBe(2);
    expect((await failure(reweight({ ...input, out: at('in/../in/.') }))).exitCode).toBe(2);
    expect(treeOf(folder)).toEqual(before);
  });

  it.each(['x.beta.npy', 'density.json', 'summary.json', 'report.html'])('an existing %s', async (name) => {
    const { folder, at, input } = place({ [`out/${name}`]: 'mine' });
    const before = treeOf(folder);
    const { exitCode, message } = await failure(reweight({ ...input, out: at('out') }));
    expect([exitCode, message]).toEqual([2, `${at(`out/${name}`)} exists already; use --force to replace it`]);
    expect(treeOf(folder)).toEqual(before);
  });

  it('of histogram and merge: an existing file, a folder, an input', async () => {
    const { folder, at, input } = place({ note: 'mine', 'dir/note': 'mine' });
    await histogram({ ...input, out: at('p.ghm') });
    const before = treeOf(folder);
    for (const out of ['note', 'dir']) {
      expect((await failure(histogram({ ...input, out: at(out) }))).exitCode).toBe(2);
      expect((await failure(merge({ partials: [at('p.ghm')], out: at(out) }))).exitCode).toBe(2);
    }
    expect((await failure(histogram({ ...input, force: true, out: at('in/x.npy') }))).exitCode).toBe(2);
    expect((await failure(histogram({ ...input, force: true, out: at('dir') }))).exitCode).toBe(2);
    expect(treeOf(folder)).toEqual(before);
  });
});

describe('failures of the disk', () => {
  const isRoot = process.getuid?.() === 0;

  it.skipIf(isRoot)('a folder without permission: exit code 1 (skipped for root, who may write anywhere)', async () => {
    const { folder, at, input } = place();
    mkdirSync(at('locked'));
    chmodSync(at('locked'), 0o555);
    const before = treeOf(folder);
    const { exitCode, message } = await failure(reweight({ ...input, out: at('locked/out') }));
    expect([exitCode, message.includes('EACCES')]).toEqual([1, true]);
    expect((await failure(histogram({ ...input, out: at('locked/p.ghm') }))).exitCode).toBe(1);
    expect(treeOf(folder)).toEqual(before);
  });

  it('a name too long for the file system: exit code 1, nothing left', async () => {
    const name = 'n'.repeat(248);
    const { folder, at, input } = place({ [`in/${name}.npy`]: X });
    const before = treeOf(folder);
    const { exitCode, message } = await failure(
      reweight({ ...input, logits: at(`in/${name}.npy`), out: at('new/out') }),
    );
    expect([exitCode, message.includes('ENAMETOOLONG')]).toEqual([1, true]);
    expect(treeOf(folder)).toEqual(before);
  });

  /** A file system of `size` bytes, or `null` where this user may not mount one. */
  function smallDisk(size: number): string | null {
    const folder = folderOf();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder], { stdio: 'ignore' });
    } catch {
      return null;
    }
    onTestFinished(() => {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    });
    return folder;
  }

  it('a disk too small for the weights: found out before the work', async ({ skip }) => {
    const disk = smallDisk(64 * 1024);
    if (disk === null) return skip('mounting a small disk takes root');
    const n = 100_000;
    const big = {
      'in/x.npy': npy('float32', [n], new Float32Array(n)),
      'in/y.npy': npy('bool', [n], new Uint8Array(n)),
    };
    const { input } = place(big);
    const { exitCode, message } = await failure(reweight({ ...input, out: join(disk, 'out') }));
    expect([exitCode, message.includes('400000 bytes')]).toEqual([1, true]);
    expect(treeOf(disk)).toEqual({});
  });

  it('a disk that fills while the weights or the report are written', async ({ skip }) => {
    const n = 100_000;
    const big = {
      'in/x.npy': npy('float32', [n], new Float32Array(n)),
      'in/y.npy': npy('bool', [n], new Uint8Array(n)),
    };
    const { input } = place(big);
    // room for the weights by statfs, but not for what is beside them
    const disk = smallDisk(400_000 + 64 * 1024);
    if (disk === null) return skip('mounting a small disk takes root');
    const { exitCode, message } = await failure(reweight({ ...input, out: join(disk, 'out') }));
    expect([exitCode, message.includes('ENOSPC')]).toEqual([1, true]);
    expect(treeOf(disk)).toEqual({});
  });
});
