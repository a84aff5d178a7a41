import { appendFileSync, copyFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply, histogram, type ReweightOptions, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { folderOf } from '../sources/npy-files.ts';
import { treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';
import { uniform } from './random-parts.ts';

const ROWS = 400_000;
const random = uniform(5);
const LOGITS = Float32Array.from({ length: 2 * ROWS }, () => 10 * (random() - 0.8));
const LABELS = Uint8Array.from({ length: ROWS }, () => (random() < 0.01 ? Math.floor(2 * random()) : 2));
const LOGITS_FILE = npy('float32', [ROWS, 2], LOGITS);
const LABELS_FILE = npy('uint8', [ROWS], LABELS);

/** A large input with some values replaced. */
function large({
  logits = {},
  labels = {},
}: {
  logits?: Record<number, number>;
  labels?: Record<number, number>;
} = {}) {
  const x = LOGITS_FILE.slice();
  const view = new DataView(x.buffer, x.length - 4 * LOGITS.length);
  for (const [i, value] of Object.entries(logits)) view.setFloat32(4 * Number(i), value, true);
  const y = LABELS_FILE.slice();
  for (const [row, label] of Object.entries(labels)) y[y.length - ROWS + Number(row)] = label;
  const folder = folderOf({ 'x.npy': x, 'y.npy': y });
  const at = (name: string): string => join(folder, name);
  return { folder, at, options: { logits: at('x.npy'), labels: at('y.npy'), out: at('out') } };
}

async function failure(run: Promise<unknown>): Promise<{ exitCode: number; message: string }> {
  const { exitCode, message } = await run.then(
    () => ({ exitCode: 0, message: '' }),
    (error) => error,
  );
  return { exitCode, message };
}

describe('bad rows far into a large input', () => {
  it('the first in the stream is named, whatever the threads', async () => {
    const { folder, at, options } = large({ labels: { 399999: 9, 250001: 7, 250003: 8 } });
    const before = treeOf(folder);
    const message =
      `${at('y.npy')}: row 250001: expected a class 0..1, 2 (background) or -1 (ignored), found 7; ` +
      'see --background-label, --ignore-label and --label-base';
    for (const threads of [1, 2, 8]) {
      const run = reweightInShards({ ...options, threads }, 20_000);
      expect(await failure(run)).toEqual({ exitCode: 3, message });
      expect(treeOf(folder)).toEqual(before);
    }
    expect(await failure(histogram({ ...options, threads: 2 }))).toEqual({ exitCode: 3, message });
    expect(treeOf(folder)).toEqual(before);
  });

  it('a NaN, with its row and class, in both passes', async () => {
    const { folder, at, options } = large({ logits: { 700001: Number.NaN, 790000: Number.NaN } });
    const clean = large();
    await histogram({ ...clean.options, out: at('p.ghm') });
    const before = treeOf(folder);
    const message =
      `${at('x.npy')}: row 350000, class 1: expected a logit, found NaN; ` +
      'use --non-finite ignore to leave such samples out';
    for (const threads of [1, 2]) {
      expect(await failure(reweight({ ...options, threads }))).toEqual({ exitCode: 3, message });
      expect(await failure(apply({ ...options, density: at('p.ghm'), threads }))).toEqual({ exitCode: 3, message });
      expect(treeOf(folder)).toEqual(before);
    }
  });
});

describe('input that changes during the run', () => {
  type Change = (path: string) => void;
  const changes: readonly (readonly [string, Change])[] = [
    ['grows', (path) => appendFileSync(path, 'more')],
    ['is truncated', (path) => truncateSync(path, 1_000_000)],
    ['is rewritten', (path) => utimesSync(path, 1, 1)],
    ['vanishes', (path) => rmSync(path)],
    ['is replaced by its copy', (path) => replaceByCopy(path)],
    ['becomes empty', (path) => writeFileSync(path, '')],
  ];
  function replaceByCopy(path: string): void {
    copyFileSync(path, `${path}.copy`);
    rmSync(path);
    copyFileSync(`${path}.copy`, path);
    rmSync(`${path}.copy`);
  }

  it.each(changes)('between the passes: a file %s', async (_, change) => {
    const { folder, at, options } = large();
    let changed = false;
    const onProgress: ReweightOptions['onProgress'] = ({ pass, done, total }) => {
      if (changed || pass !== 'count' || done < total) return;
      changed = true;
      change(at('x.npy'));
    };
    const { exitCode, message } = await failure(reweight({ ...options, onProgress, threads: 2 }));
    expect(changed).toBe(true);
    expect([exitCode, message.startsWith(`${at('x.npy')}: `)]).toEqual([3, true]);
    expect(message).toMatch(/changed during the run|cannot be opened any more/);
    expect(Object.keys(treeOf(folder)).filter((name) => !/^[xy]\.npy$/.test(name))).toEqual([]);
  });

  it('between planning and reading: labels', async () => {
    const { folder, at, options } = large();
    const run = reweight({ ...options, threads: 2 });
    // the headers are read at once, the workers start later
    appendFileSync(at('y.npy'), 'more');
    const { exitCode, message } = await failure(run);
    expect([exitCode, message.startsWith(`${at('y.npy')}: `)]).toEqual([3, true]);
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
  });
});
