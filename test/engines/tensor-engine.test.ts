import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withTensorEngine } from '../../src/engines/tfjs/tensor-engine.ts';
import { histogram, reweight } from '../../src/index.ts';
import { validateHistogram } from '../../src/options/validate.ts';
import { openToCount } from '../../src/run/histogram.ts';
import { weighingWork } from '../../src/run/outputs.ts';
import { SAMPLE } from '../run/command.ts';
import { folderOf } from '../sources/npy-files.ts';

const at = (name: string): string => join(SAMPLE, `${name}.npy`);
const sample = { logits: at('logits'), labels: at('labels'), labelWeights: at('label_weights') };

describe('tensors', () => {
  it('count the shipped sample as the kernels do, in plain JavaScript where that is asked for', async () => {
    const folder = folderOf();
    const options = validateHistogram({ ...sample, engine: 'tfjs', out: join(folder, 'p.ghm') });
    const stream = await openToCount(options);
    const work = weighingWork(stream, { nonFinite: 'error', outputDtype: 'float32' }, [], false);
    const started = { ...options, work, plan: stream.memory };
    const [facts, counts] = await withTensorEngine(
      'tfjs',
      started,
      async (engine) => [engine.facts, await engine.count(() => {})] as const,
      'cpu',
    );
    expect(facts).toEqual({
      name: 'tfjs',
      backend: {
        package: '@tensorflow/tfjs',
        backend: 'cpu',
        version: '4.22.0',
        why: 'plain JavaScript was asked for',
      },
    });
    const { total, ignored } = await histogram({ ...sample, out: join(folder, 'q.ghm') });
    const counted = counts.cells.reduce((sum, cells) => sum + cells.reduce((a, b) => a + b), 0);
    expect([counted, counts.ignored]).toEqual([total, ignored]);
  });

  it.each([
    [{ density: 'window' }, 'windows'],
    [{ batch: 'rows:2', momentum: 0.5 }, 'batches'],
    [{ group: 'class' }, 'groups'],
  ] as const)('refuse %j before anything is read', async (options, what) => {
    const given = { logits: 'no.npy', labels: 'no.npy', out: 'out', engine: 'tfjs' } as const;
    await expect(reweight({ ...given, ...options })).rejects.toMatchObject({
      exitCode: 2,
      message: `--engine tfjs: tensors count and weigh the unit regions of all samples together, and no ${what}; use --engine threads`,
    });
  });
});
