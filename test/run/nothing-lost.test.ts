import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apply, histogram, merge, reweight } from '../../src/index.ts';
import { startGhm } from './command.ts';
import { treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';
import { failure, place, X } from './small-place.ts';
import { standStill } from './step-time.ts';

describe('nothing of others is lost', () => {
  it('a run that fails leaves what lies in its output folder', async () => {
    const bad = npy('int64', [3], [2, 0, 9]);
    const { folder, at, input } = place({ 'in/y.npy': bad, 'out/x.beta.npy': 'old', 'out/sub/mine': 'mine' });
    const before = treeOf(folder);
    expect((await failure(reweight({ ...input, out: at('out'), force: true }))).exitCode).toBe(3);
    expect((await failure(reweight({ ...input, out: at('out/new/deep'), force: true }))).exitCode).toBe(3);
    expect(treeOf(folder)).toEqual(before);
  });

  it('an output that is a link to a file elsewhere replaces the link, not the file', async () => {
    const { at, input } = place({ precious: 'mine', 'out/a': 'mine' });
    symlinkSync('../precious', at('out/x.beta.npy'));
    symlinkSync('../precious', at('out/density.json'));
    await reweight({ ...input, out: at('out'), force: true });
    expect(readFileSync(at('precious'), 'utf8')).toBe('mine');
  });

  it('apply over the folder of its own density', async () => {
    const { at, input } = place();
    await reweight({ ...input, out: at('out') });
    const before = treeOf(at('out'));
    await apply({ ...input, density: at('out/density.json'), out: at('out'), force: true });
    expect(treeOf(at('out'))['density.json']).toBe(before['density.json']);
    expect(treeOf(at('out'))['x.beta.npy']).toBe(before['x.beta.npy']);
  });

  it('a run that fails leaves what others have put into the folder that it made', async () => {
    standStill();
    const { at, input } = place();
    const controller = new AbortController();
    const onProgress = () => {
      writeFileSync(at('new/out/notes'), 'mine');
      controller.abort();
    };
    const run = reweight({ ...input, out: at('new/out'), signal: controller.signal, onProgress });
    expect((await failure(run)).exitCode).toBe(130);
    expect(Object.keys(treeOf(at('new')))).toEqual(['out', 'out/notes']);
  });

  it('histogram does not write over an input by another name', async () => {
    const { folder, at, input } = place();
    symlinkSync('in', at('link'));
    const before = treeOf(folder);
    const { exitCode } = await failure(histogram({ ...input, out: at('link/x.npy'), force: true }));
    expect(treeOf(folder)).toEqual(before);
    expect(exitCode).toBe(2);
  });

  it.each(['density.json', 'x.beta.npy', 'report.html'])('a folder called %s in the output folder', async (name) => {
    const { folder, at, input } = place({ [`out/${name}/note`]: 'mine', 'out/summary.json': 'old' });
    const before = treeOf(folder);
    const { exitCode } = await failure(reweight({ ...input, out: at('out'), force: true }));
    expect(exitCode).toBeGreaterThan(0);
    expect(treeOf(folder)).toEqual(before);
  });

  it('a file where the output needs a folder', async () => {
    const { folder, at, input } = place({
      'in/z/x.npy': X,
      'in/z/y.npy': npy('int64', [3], [0, 1, 2]),
      'out/z': 'mine',
    });
    const before = treeOf(folder);
    const inputs = { ...input, logits: at('in/**/x.npy'), labels: at('in/**/y.npy') };
    expect((await failure(reweight({ ...inputs, out: at('out'), force: true }))).exitCode).toBeGreaterThan(0);
    expect(treeOf(folder)).toEqual(before);
  });

  it('merge does not count its own output of last time', async () => {
    const { folder, at, input } = place();
    await histogram({ ...input, out: at('p.ghm') });
    const partials = [at('*.ghm')];
    await merge({ partials, out: at('all.ghm') });
    const before = treeOf(folder);
    expect((await failure(merge({ partials, out: at('all.ghm'), force: true }))).exitCode).toBe(2);
    expect(treeOf(folder)).toEqual(before);
  });
});

describe('what is neither file nor folder', () => {
  const pipe = (path: string): void => {
    execFileSync('mkfifo', [path]);
  };

  it('is not replaced by a file, even with --force', async () => {
    const { folder, at, input } = place();
    pipe(at('pipe'));
    const before = treeOf(folder);
    expect((await failure(histogram({ ...input, out: at('pipe'), force: true }))).exitCode).toBe(2);
    expect(treeOf(folder)).toEqual(before);
  });

  it.each(['--logits', '--labels', '--density'])('is no input: %s of a pipe does not wait for ever', async (flag) => {
    const { folder, at, input } = place();
    await histogram({ ...input, out: at('p.ghm') });
    pipe(at('pipe'));
    const before = treeOf(folder);
    const given = { '--logits': 'in/x.npy', '--labels': 'in/y.npy', '--density': 'p.ghm', [flag]: 'pipe' };
    const { child, ended } = startGhm(['apply', ...Object.entries(given).flat(), '--out', 'out'], folder);
    const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
    const { exitCode, stderr } = await ended;
    clearTimeout(patience);
    expect([exitCode, stderr.split('\n').length]).toEqual([3, 2]);
    expect(stderr).toContain('pipe');
    expect(treeOf(folder)).toEqual(before);
  });
});
