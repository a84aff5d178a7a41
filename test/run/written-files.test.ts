import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm } from './command.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { npy, readFloats } from './npy-data.ts';

const small = {
  'in/a/x.npy': npy('float32', [3, 2], [-3, -2, -1, 1, 2, 3]),
  'in/a/x-labels.npy': npy('int64', [3], [2, 0, 1]),
  'in/b/deep/x.npy': npy('float16', [4], [-3, 0, 0.5, 5]),
  'in/b/deep/x-labels.npy': npy('uint8', [4], [0, 1, 0, 0]),
  'in/b/z.npy': npy('float64', [1, 4], [0.1, 0.2, 0.3, -9]),
  'in/b/z-labels.npy': npy('bool', [1, 4], [0, 0, 0, 1]),
};
const inputs = ['--logits', 'in/**/?.npy', '--labels', 'in/**/*-labels.npy'];

async function run(cwd: string, ...more: string[]) {
  return runGhm(['reweight', ...inputs, '--out', 'out', ...more], cwd);
}

/** The library writes the same files, in less time than a process takes to start. */
async function ran(options: Partial<ReweightOptions> = {}): Promise<string> {
  const folder = folderOf(small);
  const at = (name: string): string => join(folder, name);
  await reweight({ logits: at('in/**/?.npy'), labels: at('in/**/*-labels.npy'), out: at('out'), ...options });
  return folder;
}

describe('reweight writes', () => {
  it('one NAME.beta.npy below the shared folder, density.json, summary.json and report.html, and nothing else', async () => {
    const folder = folderOf(small);
    const before = treeOf(folder);
    expect((await run(folder)).exitCode).toBe(0);
    const after = treeOf(folder);
    const written = Object.keys(after).filter((path) => !(path in before));
    expect(written.sort()).toEqual(
      [
        'out',
        'out/a',
        'out/a/x.beta.npy',
        'out/b',
        'out/b/deep',
        'out/b/deep/x.beta.npy',
        'out/b/z.beta.npy',
        'out/density.json',
        'out/report.html',
        'out/summary.json',
      ].sort(),
    );
    expect(after).toMatchObject(before);
  });

  it('weights of the shape of the logits, little-endian float32 in C order', async () => {
    const folder = await ran();
    const shapes = ['a/x', 'b/deep/x', 'b/z'].map((name) => readFloats(join(folder, 'out', `${name}.beta.npy`)));
    expect(shapes.map(({ shape }) => shape)).toEqual([[3, 2], [4], [1, 4]]);
    for (const { header } of shapes) {
      expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \([\d, ]+\), \} *\n$/);
    }
  });

  it('density.json with the fields of the contract, numbers exact, no times and no paths', async () => {
    const folder = await ran({ bins: 4 });
    const text = readFileSync(join(folder, 'out/density.json'), 'utf8');
    const density = JSON.parse(text);
    // margins: -3 -2 1 1 2 -3 | -3 0 .5 5 | .1 .2 .3 9; the edges of 4 are -1.0986, 0 and 1.0986
    expect(density).toEqual({
      schema: 'ghm.density/1',
      task: 'classification',
      method: 'unit-region',
      bins: 4,
      normalize: 'valid-bins',
      total: 14,
      ignored: 0,
      validBins: 3,
      edges: [0, 0.25, 0.5, 0.75, 1],
      counts: [4, 0, 7, 3],
      gradientDensity: [16, 0, 28, 12],
      beta: [14 / 12, 0, 14 / 21, 14 / 9],
      loss: { ce: expect.any(Number), focal: expect.any(Number), ghmc: expect.any(Number) },
      lossErrorBound: { ce: expect.any(Number), focal: expect.any(Number), ghmc: expect.any(Number) },
      focal: { gamma: 2, alpha: 0.25 },
    });
    expect(text.includes(folder) || text.includes('.npy') || /\d{4}-\d\d-\d\d/.test(text)).toBe(false);
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('equal bytes in two equal runs', async () => {
    const folder = folderOf(small);
    await run(folder);
    expect(lastingOutputs(join(folder, 'out'))).toEqual(lastingOutputs(join(await ran(), 'out')));
  });

  it('summary.json: inputs, options, versions, times, checksums', async () => {
    const folder = folderOf(small);
    const { stdout } = await run(folder, '--json', '--threads', '2');
    const summary = JSON.parse(readFileSync(join(folder, 'out/summary.json'), 'utf8'));
    expect(JSON.parse(stdout)).toEqual(summary);
    expect(summary).toMatchObject({
      schema: 'ghm.summary/1',
      command: 'reweight',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.version,
      samples: 14,
      out: 'out',
      options: { bins: 30, normalize: 'valid-bins', threads: 2, outputDtype: 'float32' },
      passes: { count: { seconds: expect.any(Number) }, weigh: { seconds: expect.any(Number) } },
    });
    expect(summary.warnings).toEqual(['1 file of float64 logits is rounded to float32']);
    expect(Math.abs(Date.parse(summary.started) - Date.now())).toBeLessThan(60_000);
    expect(summary.inputs.map(({ path, dtype, shape }: Record<string, unknown>) => [path, dtype, shape])).toEqual([
      ['in/a/x.npy', 'float32', [3, 2]],
      ['in/a/x-labels.npy', 'int64', [3]],
      ['in/b/deep/x.npy', 'float16', [4]],
      ['in/b/deep/x-labels.npy', 'uint8', [4]],
      ['in/b/z.npy', 'float64', [1, 4]],
      ['in/b/z-labels.npy', 'bool', [1, 4]],
    ]);
    expect(summary.outputs.map(({ path }: { path: string }) => path).sort()).toEqual(
      ['a/x.beta.npy', 'b/deep/x.beta.npy', 'b/z.beta.npy', 'density.json', 'report.html'].sort(),
    );
    for (const { path, bytes, crc32: sum } of summary.outputs) {
      const file = readFileSync(join(folder, 'out', path));
      expect([file.length, crc32(file).toString(16).padStart(8, '0')]).toEqual([bytes, sum]);
    }
  });

  it('one object on standard output with --json, nothing with --quiet, a report otherwise', async () => {
    const folder = folderOf(small);
    const json = await run(folder, '--json');
    expect(json.stdout.trim().split('\n')).toHaveLength(1);
    expect(json.stderr).toContain('rounded to float32');
    const quiet = await run(folder, '--quiet', '--force');
    expect([quiet.exitCode, quiet.stdout]).toEqual([0, '']);
    const plain = await run(folder, '--force');
    expect(plain.stdout).toContain('14 samples counted');
    expect(plain.stdout.includes('\x1b')).toBe(false);
  });

  it('a report that stands alone', async () => {
    const folder = await ran();
    const report = readFileSync(join(folder, 'out/report.html'), 'utf8');
    expect(report).toMatch(/^<!doctype html>/i);
    expect(report).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('nothing with --dry-run, but says what it would', async () => {
    const folder = folderOf(small);
    const before = treeOf(folder);
    const { exitCode, stdout } = await run(folder, '--dry-run', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ command: 'reweight', samples: 14, bytesWritten: 56 });
    expect(treeOf(folder)).toEqual(before);
  });

  it('over the files of an earlier run with --force, and beside files of others', async () => {
    const folder = folderOf({ ...small, 'out/notes.txt': 'mine', 'out/a/keep.npy': 'mine', 'out/density.json': 'old' });
    expect((await run(folder)).exitCode).toBe(2);
    expect((await run(folder, '--force')).exitCode).toBe(0);
    expect(readFileSync(join(folder, 'out/notes.txt'), 'utf8')).toBe('mine');
    expect(readFileSync(join(folder, 'out/a/keep.npy'), 'utf8')).toBe('mine');
    expect(JSON.parse(readFileSync(join(folder, 'out/density.json'), 'utf8')).total).toBe(14);
  });
});
