import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { safetensors, zeroTensor } from '../sources/safetensors-files.ts';
import { npz } from '../sources/zip-files.ts';
import { runGhm } from './command.ts';
import { npy } from './npy-data.ts';

const LOGITS = npy('float32', [4, 2], [-3, -2, -1, 0, 1, 2, 3, 4]);
const LABELS = npy('int64', [4], [0, 1, 2, -1]);

describe('inspect', () => {
  it('says of each array of a file what it is, and how the file would be read', async () => {
    const level = npy('uint8', [4], [0, 1, 2, 3]);
    const folder = folderOf({ 'a.npz': npz({ scores: LOGITS, gt: LABELS, level }, true) });
    const { exitCode, stdout } = await runGhm(['inspect', 'a.npz', '--json'], folder);
    expect(exitCode).toBe(0);
    const { files, reading, estimate } = JSON.parse(stdout);
    expect(files).toMatchObject([
      {
        path: 'a.npz[scores]',
        key: 'scores',
        format: 'npz',
        dtype: 'float32',
        shape: [4, 2],
        byteOrder: 'little',
        role: 'logits',
        why: 'its name holds "score" and it is float',
        packed: true,
        range: { min: -3, max: 4, elements: 8 },
      },
      { key: 'gt', role: 'labels', range: { min: -1, max: 2, elements: 4 } },
      { key: 'level', role: 'unknown', why: 'its name holds "level": where samples come from' },
    ]);
    expect(reading).toEqual([
      '8 samples in 4 rows of 2.',
      'Labels: one class index a row: 0..1 foreground, 2 background, -1 ignored.',
      'No label weights: every sample is valid.',
      'Run: ghm reweight a.npz --logits-key scores --labels-key gt --out weights',
    ]);
    expect(estimate).toMatchObject({ threads: 1, diskBytes: 64 + 64 });
    expect(estimate.seconds).toBeGreaterThan(0);
  });

  it('reads files of one array by their names, in any form', async () => {
    const folder = folderOf({ 'x.logits.npy.gz': gzipSync(LOGITS), 'x.labels.npy': LABELS });
    const { files, reading } = await inspect([join(folder, 'x.logits.npy.gz'), join(folder, 'x.labels.npy')]);
    expect(files).toMatchObject([
      { format: 'npy', role: 'labels', packed: false },
      { format: 'npy.gz', role: 'logits', packed: true, range: { min: -3, max: 4 } },
    ]);
    expect(reading.at(-1)).toBe(
      `Run: ghm reweight --logits ${folder}/x.logits.npy.gz --labels ${folder}/x.labels.npy --out weights`,
    );
  });

  it('tells of arrays that it cannot read, and goes on', async () => {
    const tensors = {
      logits: zeroTensor('BF16', 2, 3, 2),
      labels: zeroTensor('U8', 1, 3),
      extra: zeroTensor('F8_E5M2', 1, 3),
    };
    const path = join(folderOf({ 'a.safetensors': safetensors(tensors) }), 'a.safetensors');
    const { files, reading } = await inspect(path);
    expect(files.map(({ dtype, role }) => [dtype, role])).toEqual([
      ['bfloat16', 'logits'],
      ['uint8', 'labels'],
      ['unreadable', 'unknown'],
    ]);
    expect(files[2].why).toMatch(/unsupported dtype: expected one of .*; found F8_E5M2/);
    expect(reading[0]).toBe('6 samples in 3 rows of 2.');
  });

  it('reads boxes as a regression', async () => {
    const boxes = npy('float32', [2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);
    const path = join(folderOf({ 'r.npz': npz({ bbox_pred: boxes, bbox_target: boxes }) }), 'r.npz');
    expect((await inspect(path)).reading).toEqual([
      'With --task regression: 8 samples in 2 rows of 4.',
      'The distance of each predicted number to its target is counted.',
      'No box weights: every sample is valid.',
      `Run: ghm reweight --task regression ${path} --out weights`,
    ]);
  });

  it('says what is missing', async () => {
    const only = async (name: string, content: Uint8Array) =>
      (await inspect(join(folderOf({ [name]: content }), name))).reading;
    expect(await only('x.logits.npy', LOGITS)).toEqual(['No labels among them: reweight needs --logits and --labels.']);
    expect(await only('x.labels.npy', LABELS)).toEqual(['No logits among them: reweight needs --logits and --labels.']);
    const [missing] = await only('x.npz', npz({ scores: LOGITS }));
    expect(missing).toMatch(/^They cannot be read together: .*holds no array "labels"/);
  });
});
