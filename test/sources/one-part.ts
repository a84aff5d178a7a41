import type { StreamOptions } from '../../src/options/options.ts';
import type { NpyDtype } from '../../src/sources/npy/descr.ts';
import { type ResolvedParts, resolveParts } from '../../src/sources/parts.ts';
import type { Part } from '../../src/sources/source.ts';
import { folderOf, zeros } from './npy-files.ts';

/** Dtype and shape of an array of zeros. */
export type Spec = readonly [NpyDtype, ...number[]];

/** Resolves one part of `logits.npy`, `labels.npy` and maybe `weights.npy`. */
export function resolve(
  logits: Spec,
  labels: Spec,
  options: Partial<StreamOptions> = {},
  weights?: Spec,
): Promise<ResolvedParts> {
  const cwd = folderOf({
    'logits.npy': zeros(...logits),
    'labels.npy': zeros(...labels),
    ...(weights && { 'weights.npy': zeros(...weights) }),
  });
  const labelWeights = weights && { labelWeights: 'weights.npy' };
  return resolveParts({ logits: 'logits.npy', labels: 'labels.npy', ...labelWeights, ...options }, cwd);
}

export const onlyPart = async (...args: Parameters<typeof resolve>): Promise<Part | undefined> =>
  (await resolve(...args)).parts.at(0);
