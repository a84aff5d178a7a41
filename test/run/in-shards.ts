import { join } from 'node:path';
import { applyShard, finish, histogram, merge, type ReweightOptions, type Summary } from '../../src/index.ts';

/** The same job in steps: each of `n` shards counted and weighed by itself, in any order, into `folder`. */
export async function reweightInSteps(
  { density: method, windowBits, out: _, ...options }: ReweightOptions,
  n: number,
  folder: string,
): Promise<Summary> {
  const at = (name: string): string => join(folder, name);
  const indices = Array.from({ length: n }, (_, i) => n - i);
  const { normalize, epsilon, maxWeight, meanOne, focalGamma, focalAlpha, momentum, ...rest } = options;
  const { biasCorrection, format, keep, outputDtype, ...counted } = rest;
  for (const i of indices) {
    const counting = { ...counted, ...(method && { density: method }), ...(windowBits && { windowBits }) };
    await histogram({ ...counting, shard: `${i}/${n}`, out: at(`counts/${i}.ghm`) });
  }
  await merge({ partials: [at('counts')], out: at('all.ghm') });
  for (const i of indices) {
    const density = at('all.ghm');
    const { bins: _, ...weighed } = options;
    await applyShard({ ...weighed, ...(method && { method }), density, shard: `${i}/${n}`, out: at('weights') });
  }
  return finish({ out: at('weights') });
}
