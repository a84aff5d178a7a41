import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GhmError } from '../../src/errors.ts';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { folderOf } from '../sources/npy-files.ts';
import { npy } from './npy-data.ts';
import { uniform } from './random-parts.ts';

export const ROWS = 5000;
export const CLASSES = 3;

/** Rows of three logits, class indices and weights, of which some are left out. */
function samples(seed: number) {
  const random = uniform(seed);
  const logits = Float32Array.from({ length: ROWS * CLASSES }, () => 8 * random() * random() - 6 + 6 * random());
  const labels = Array.from({ length: ROWS }, () => (random() < 0.9 ? CLASSES : Math.floor(random() * CLASSES)));
  const weights = Array.from({ length: ROWS }, () => (random() < 0.05 ? 0 : 1));
  return { logits, labels, weights };
}

export const { logits, labels, weights } = samples(5);

export type Weighed = { readonly beta: Buffer; readonly density: Buffer };

let once: Promise<Weighed> | undefined;

/** The same samples as .npy, weighed: what every other form has to give. */
export const wanted = (): Promise<Weighed> => {
  once ??= weighNpy();
  return once;
};

async function weighNpy(): Promise<Weighed> {
  const folder = folderOf({
    'x.npy': npy('float32', [ROWS, CLASSES], logits),
    'y.npy': npy('int64', [ROWS], labels),
    'w.npy': npy('float32', [ROWS], weights),
  });
  const [x, y, w, out] = ['x.npy', 'y.npy', 'w.npy', 'out'].map((name) => join(folder, name));
  await reweight({ logits: x, labels: y, labelWeights: w, out });
  return { beta: readFileSync(join(out, 'x.beta.npy')), density: readFileSync(join(out, 'density.json')) };
}

/** A table file of that format, weighed. */
export async function weighedTable(
  format: string,
  file: Uint8Array | string,
  options: Partial<ReweightOptions> = {},
  shardSamples?: number,
): Promise<Weighed> {
  const folder = folderOf({ [`x.${format}`]: file });
  const out = join(folder, 'out');
  await reweightInShards({ files: join(folder, `x.${format}`), out, ...options }, shardSamples);
  return { beta: readFileSync(join(out, 'x.beta.npy')), density: readFileSync(join(out, 'density.json')) };
}

/** `EXIT CODE: message` of a table file that is refused. */
export async function refusal(
  format: string,
  file: Uint8Array | string,
  options: Partial<ReweightOptions> = {},
): Promise<string> {
  const folder = folderOf({ [`x.${format}`]: file });
  try {
    await reweight({ files: join(folder, `x.${format}`), out: join(folder, 'out'), ...options });
  } catch (error) {
    if (error instanceof GhmError) return `${error.exitCode}: ${error.message.replaceAll(`${folder}/`, '')}`;
    throw error;
  }
  return 'none';
}
