import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutputOptions, RunOptions } from '../options/options.ts';
import { validateDemo } from '../options/validate.ts';
import { packageFile } from '../package-files.ts';
import { reweight } from './reweight.ts';
import type { Summary } from './summary.ts';

export interface DemoOptions extends RunOptions, Partial<Pick<OutputOptions, 'out' | 'force'>> {}

/** The main job on the sample that ships with the package: real detector outputs of eight images. */
export async function demo(rawOptions: DemoOptions = {}): Promise<Summary> {
  const { out, ...options } = validateDemo(rawOptions);
  const sample = (array: string): string => fileURLToPath(packageFile(`examples/bccd/${array}.npy`));
  return reweight({
    ...options,
    logits: sample('logits'),
    labels: sample('labels'),
    labelWeights: sample('label_weights'),
    out: out ?? join(tmpdir(), `ghm-demo-${randomBytes(4).toString('hex')}`),
  });
}
