import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { folderOf } from '../sources/npy-files.ts';
import { safetensors } from '../sources/safetensors-files.ts';
import { npz } from '../sources/zip-files.ts';
import { zstdRaw } from '../sources/zstd-files.ts';
import { runGhm, SAMPLE } from './command.ts';
import { treeOf } from './folder-tree.ts';

const array = (name: string): Buffer => readFileSync(join(SAMPLE, `${name}.npy`)).subarray(128);
const N = 73_440;
const ARRAYS = ['logits', 'labels', 'label_weights'];

/** The sample as .npy files. */
const files = (): Record<string, Buffer> =>
  Object.fromEntries(ARRAYS.map((name) => [name, readFileSync(join(SAMPLE, `${name}.npy`))]));

/** The sample that ships with the package, in one file. */
const FILES = {
  safetensors: () =>
    safetensors({
      logits: { dtype: 'F16', shape: [N, 3], data: array('logits') },
      labels: { dtype: 'I8', shape: [N], data: array('labels') },
      label_weights: { dtype: 'U8', shape: [N, 1], data: array('label_weights') },
    }),
  npz: () => npz(files()),
  'deflated.npz': () => npz(files(), true),
} as const;

/** What the same arrays give in files of their own: made once. */
let made: ReturnType<typeof separateFiles> | undefined;
const place = mkdtempSync(join(tmpdir(), 'ghm-containers-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function baseline(): ReturnType<typeof separateFiles> {
  made ??= separateFiles();
  return made;
}

async function separateFiles(): Promise<{ density: string; beta: Buffer }> {
  const flags = ARRAYS.flatMap((name) => [`--${name.replace('_', '-')}`, `${SAMPLE}${name}.npy`]);
  const out = join(place, 'out');
  const { exitCode, stderr } = await runGhm(['reweight', ...flags, '--out', out, '--quiet']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return { density: readFileSync(join(out, 'density.json'), 'utf8'), beta: readFileSync(join(out, 'logits.beta.npy')) };
}

it.each(Object.keys(FILES) as (keyof typeof FILES)[])(
  '%s gives the very bytes that .npy files give',
  async (format) => {
    const separate = await baseline();
    const folder = folderOf({ [`d/s.${format}`]: FILES[format]() });
    const { exitCode, stderr } = await runGhm(['reweight', `d/s.${format}`, '--out', 'out', '--quiet'], folder);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'out/density.json'), 'utf8')).toBe(separate.density);
    expect(
      readFileSync(join(folder, `out/${`s.${format}`.replace(/\.\w+$/, '')}.beta.npy`)).equals(separate.beta),
    ).toBe(true);
  },
);

it.each([
  ['gz', gzipSync],
  ['zst', zstdRaw],
])('.npy.%s files give the very bytes that .npy files give', async (suffix, pack) => {
  const separate = await baseline();
  const packed = Object.entries(files()).map(([name, content]) => [`${name}.npy.${suffix}`, pack(content)]);
  const folder = folderOf(Object.fromEntries(packed));
  const flags = ARRAYS.flatMap((name) => [`--${name.replace('_', '-')}`, `${name}.npy.${suffix}`]);
  const { exitCode, stderr } = await runGhm(['reweight', ...flags, '--out', 'out', '--quiet'], folder);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(readFileSync(join(folder, 'out/density.json'), 'utf8')).toBe(separate.density);
  expect(readFileSync(join(folder, 'out/logits.beta.npy')).equals(separate.beta)).toBe(true);
  expect(readdirSync(join(folder, 'out')).sort()).toEqual([
    'density.json',
    'logits.beta.npy',
    'report.html',
    'summary.json',
  ]);
});

it('damaged data end the run with 3, and nothing is left', async () => {
  const whole = npz(files(), true);
  whole[whole.indexOf('logits.npy') + 50_000] ^= 1;
  const folder = folderOf({ 'd/s.npz': whole });
  const before = treeOf(folder);
  const { exitCode, stderr } = await runGhm(['reweight', 'd/s.npz', '--out', 'out', '--quiet'], folder);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/^ghm: d\/s\.npz\[logits\]: damaged/);
  expect(treeOf(folder)).toEqual(before);
});
