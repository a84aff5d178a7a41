import { join } from 'node:path';
import { npy } from '../run/npy-data.ts';
import { uniform } from '../run/random-parts.ts';
import { folderOf } from '../sources/npy-files.ts';

const random = uniform(9);

/** A folder with one part of `rows` x 4, and the options to read it. */
export function streamOf(rows: number) {
  const logits = Float32Array.from({ length: 4 * rows }, () => 10 * (random() - 0.8));
  const labels = Uint8Array.from({ length: rows }, () => Math.floor(5 * random()));
  const folder = folderOf({ 'x.npy': npy('float32', [rows, 4], logits), 'y.npy': npy('uint8', [rows], labels) });
  const at = (name: string): string => join(folder, name);
  return { folder, at, options: { logits: at('x.npy'), labels: at('y.npy'), out: at('out') } };
}
