import { lstatSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { histogram, reweight } from '../../src/index.ts';
import { applyShard } from '../../src/run/apply-shard.ts';
import { Staging } from '../../src/sinks/staging.ts';
import { streamOf } from '../library/stream.ts';
import { treeOf } from '../run/folder-tree.ts';
import { npy } from '../run/npy-data.ts';
import { folderOf } from '../sources/npy-files.ts';

/** Inputs in two folders, whose outputs go into two; another folder; and an output folder. */
function twoFolders() {
  const logits = npy('float32', [2], [1, -1]);
  const labels = npy('uint8', [2], [1, 0]);
  const folder = folderOf({
    ...{ 'in/a/x.npy': logits, 'in/b/x.npy': logits, 'in/a/x-labels.npy': labels, 'in/b/x-labels.npy': labels },
    'elsewhere/mine.txt': 'mine',
  });
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('out'));
  return { at, options: { logits: at('in/*/x.npy'), labels: at('in/*/x-labels.npy'), out: at('out'), threads: 1 } };
}

describe('a symbolic link in the output folder is not followed out', () => {
  it.each([true, false])('where a folder of outputs is one: force %s', async (force) => {
    const { at, options } = twoFolders();
    symlinkSync(at('elsewhere'), at('out/b'));
    const before = treeOf(at('.'));
    await expect(reweight({ ...options, force })).rejects.toMatchObject({
      exitCode: 2,
      message: `--out: ${at('out/b')} is a symbolic link out of ${at('out')}, to ${at('elsewhere')}; expected a folder, or nothing, where outputs belong`,
    });
    expect(treeOf(at('.'))).toEqual(before);
  });

  it('where the folder of shards is one', async () => {
    const { at, options } = streamOf(3);
    await histogram({ ...options, out: at('p.ghm') });
    mkdirSync(at('out'));
    mkdirSync(at('elsewhere'));
    symlinkSync(at('elsewhere'), at('out/shards'));
    await expect(applyShard({ ...options, density: at('p.ghm'), shard: '1/2' })).rejects.toMatchObject({
      exitCode: 2,
      message: `--out: ${at('out/shards')} is a symbolic link out of ${at('out')}, to ${at('elsewhere')}; expected a folder, or nothing, where outputs belong`,
    });
    expect(treeOf(at('elsewhere'))).toEqual({});
  });

  it('where it leads to nothing', async () => {
    const { at, options } = twoFolders();
    symlinkSync(at('nowhere'), at('out/b'));
    await expect(reweight(options)).rejects.toMatchObject({
      exitCode: 2,
      message: `--out: ${at('out/b')} is a symbolic link to nothing; expected a folder, or nothing, where outputs belong`,
    });
  });

  it('where it is put there during the run', async () => {
    const { at } = twoFolders();
    const staging = await Staging.open(at('out'));
    await staging.write('b/x.npy', 'whole');
    symlinkSync(at('elsewhere'), at('out/b'));
    await expect(staging.finish()).rejects.toMatchObject({
      exitCode: 1,
      message: `finishing the outputs in ${at('out')} failed (${at('out/b')} leads out of it)`,
    });
    await staging.abandon();
    expect(Object.keys(treeOf(at('elsewhere')))).toEqual(['mine.txt']);
  });

  it('where an output is one: it is replaced, not written through', async () => {
    const { at, options } = twoFolders();
    symlinkSync(at('elsewhere/mine.txt'), at('out/density.json'));
    await expect(reweight(options)).rejects.toMatchObject({
      exitCode: 2,
      message: `${at('out/density.json')} exists already; use --force to replace it`,
    });
    await reweight({ ...options, force: true });
    expect(lstatSync(at('out/density.json')).isFile()).toBe(true);
    expect(readFileSync(at('elsewhere/mine.txt'), 'utf8')).toBe('mine');
  });

  it('a link to nothing in the place of an output is something too', async () => {
    const { at, options } = streamOf(3);
    symlinkSync(at('nothing'), at('p.ghm'));
    await expect(histogram({ ...options, out: at('p.ghm') })).rejects.toMatchObject({
      exitCode: 2,
      message: `${at('p.ghm')} exists already; use --force to replace it`,
    });
  });

  it('but a link inside it, and the folder itself being one, are fine', async () => {
    const { at, options } = twoFolders();
    mkdirSync(at('out/inner'));
    symlinkSync('inner', at('out/b'));
    symlinkSync(at('out'), at('link'));
    writeFileSync(at('out/note.txt'), 'mine');
    await reweight({ ...options, out: at('link') });
    expect(realpathSync(at('link/b/x.beta.npy'))).toBe(at('out/inner/x.beta.npy'));
  });
});
