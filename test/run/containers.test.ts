import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderOf } from '../sources/npy-files.ts';
import { safetensors } from '../sources/safetensors-files.ts';
import { runGhm, SAMPLE } from './command.ts';

const array = (name: string): Buffer => readFileSync(join(SAMPLE, `${name}.npy`)).subarray(128);
const N = 73_440;

/** The sample that ships with the package, in one file. */
const FILES = {
  safetensors: () =>
    safetensors({
      logits: { dtype: 'F16', shape: [N, 3], data: array('logits') },
      labels: { dtype: 'I8', shape: [N], data: array('labels') },
      label_weights: { dtype: 'U8', shape: [N, 1], data: array('label_weights') },
    }),
} as const;

/** What the same arrays give in files of their own. */
async function separateFiles(): Promise<{ density: string; beta: Buffer }> {
  const flags = ['logits', 'labels', 'label_weights'].flatMap((name) => [
    `--${name.replace('_', '-')}`,
    `${SAMPLE}${name}.npy`,
  ]);
  const out = join(folderOf(), 'out');
  const { exitCode, stderr } = await runGhm(['reweight', ...flags, '--out', out, '--quiet']);
  expect([exitCode, stderr]).toEqual([0, '']);
  return { density: readFileSync(join(out, 'density.json'), 'utf8'), beta: readFileSync(join(out, 'logits.beta.npy')) };
}

it.each(Object.keys(FILES) as (keyof typeof FILES)[])(
  '%s gives the very bytes that .npy files give',
  async (format) => {
    const separate = await separateFiles();
    const folder = folderOf({ [`d/sample.${format}`]: FILES[format]() });
    const { exitCode, stderr } = await runGhm(['reweight', `d/sample.${format}`, '--out', 'out', '--quiet'], folder);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'out/density.json'), 'utf8')).toBe(separate.density);
    expect(readFileSync(join(folder, 'out/sample.beta.npy')).equals(separate.beta)).toBe(true);
  },
);
