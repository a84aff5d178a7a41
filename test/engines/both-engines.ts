import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Density, type EngineName, type ReweightOptions, reweight } from '../../src/index.ts';
import { tensorBackend } from '../../src/tfjs/index.ts';
import { readFloats } from '../run/npy-data.ts';
import { folderOf } from '../sources/npy-files.ts';

/** Engines of tensors that run here: the native one where its library loads. */
export const TENSOR_ENGINES: readonly EngineName[] = await tensorBackend('tfjs-node').then(
  () => ['tfjs', 'tfjs-node'] as const,
  () => ['tfjs'] as const,
);

export interface Weighed {
  readonly density: Density;
  /** One list a file of logits. */
  readonly weights: readonly number[][];
}

/** The same run by the kernels and by tensors; the latter says what computed it, which is checked. */
export async function byBoth(
  options: Omit<ReweightOptions, 'out' | 'engine'>,
  engine: EngineName = 'tfjs',
): Promise<{ readonly kernels: Weighed; readonly tensors: Weighed }> {
  const folder = folderOf();
  const run = async (name: EngineName): Promise<Weighed> => {
    const out = join(folder, name);
    const summary = await reweight({ ...options, engine: name, out });
    if (name === 'threads') expect(summary.engine).toEqual({ name });
    else {
      const { tf: _, ...backend } = await tensorBackend(name === 'tfjs-node' ? name : 'best');
      expect(summary.engine).toEqual({ name, backend });
    }
    const density: Density = JSON.parse(readFileSync(join(out, 'density.json'), 'utf8'));
    const files = summary.outputs.filter(({ path }) => path.endsWith('.beta.npy'));
    return { density, weights: files.map(({ path }) => readFloats(join(out, path)).values) };
  };
  return { kernels: await run('threads'), tensors: await run(engine) };
}
