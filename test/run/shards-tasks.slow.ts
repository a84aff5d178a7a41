import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { histogram, type ReweightOptions, reweight } from '../../src/index.ts';
import { hasRealData, REAL } from '../real-data.ts';
import { folderOf } from '../sources/npy-files.ts';
import { lastingOutputs } from './folder-tree.ts';
import { reweightInSteps } from './in-shards.ts';
import { npy } from './npy-data.ts';
import { uniform } from './random-parts.ts';

const CLASSES = 3;

/** Three files of a few thousand rows in every form that a task may want. */
function writeFiles(): string {
  const folder = folderOf();
  const random = uniform(4);
  for (const [i, rows] of [1500, 40, 2100].entries()) {
    const put = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, `${i}.${name}.npy`), bytes);
    const floats = (count: number, of: () => number): Float32Array => Float32Array.from({ length: count }, of);
    const samples = rows * CLASSES;
    const logits = floats(samples, () => 14 * random() - 10);
    put('logits', npy('float32', [rows, CLASSES], logits));
    put('half', npy('float16', [rows, CLASSES], logits));
    put(
      'binary',
      npy(
        'uint8',
        [rows, CLASSES],
        Array.from(logits, () => Number(random() < 0.1)),
      ),
    );
    put('soft', npy('float32', [rows, CLASSES], floats(samples, random)));
    put(
      'class',
      npy(
        'int64',
        [rows],
        Array.from({ length: rows }, () => Math.floor(CLASSES * random())),
      ),
    );
    put(
      'target',
      npy(
        'float32',
        [rows, CLASSES],
        floats(samples, () => 14 * random() - 10),
      ),
    );
    put(
      'image',
      npy(
        'int32',
        [rows],
        Array.from({ length: rows }, (_, row) => 100 * i + Math.floor(row / 70)),
      ),
    );
    put(
      'level',
      npy(
        'uint8',
        [rows],
        Array.from({ length: rows }, () => Math.floor(4 * random())),
      ),
    );
    const packed = join(folder, `${i}.packed.npy.gz`);
    writeFileSync(packed, gzipSync(readFileSync(join(folder, `${i}.logits.npy`))));
  }
  return folder;
}

const LOGITS = { logits: '*.logits.npy', labels: '*.class.npy' };

describe.each<[string, Omit<ReweightOptions, 'out'>]>([
  ['float16 logits', { logits: '*.half.npy', labels: '*.binary.npy' }],
  ['packed logits', { logits: '*.packed.npy.gz', labels: '*.binary.npy', threads: 3 }],
  ['soft targets', { logits: '*.logits.npy', labels: '*.soft.npy', labelFormat: 'soft' }],
  ['softmax', { ...LOGITS, task: 'softmax' }],
  ['boxes', { task: 'regression', bboxPred: '*.logits.npy', bboxTarget: '*.target.npy', mu: 0.5 }],
  ['windows', { ...LOGITS, density: 'window', epsilon: 0.1, windowBits: 20 }],
  ['windows of float16', { logits: '*.half.npy', labels: '*.class.npy', density: 'window', bins: 10 }],
  ['groups of a column', { ...LOGITS, group: 'level', columns: { level: '*.level.npy' }, maxWeight: 5 }],
  ['groups of images', { ...LOGITS, group: 'image', columns: { image: '*.image.npy' } }],
  ['classes', { ...LOGITS, group: 'class', normalize: 'all-bins' }],
  ['batches of rows', { ...LOGITS, batch: 'rows:30', momentum: 0.75, biasCorrection: true }],
  ['large batches', { ...LOGITS, batch: 'rows:2000', momentum: 0 }],
  [
    'batches of images',
    { ...LOGITS, batch: 'column:image', batchSize: 4, momentum: 0.5, columns: { image: '*.image.npy' } },
  ],
  ['.npz', { ...LOGITS, format: 'npz', outputDtype: 'float16' }],
  ['.safetensors', { ...LOGITS, format: 'safetensors', meanOne: true, focalGamma: 1 }],
  ['codes', { ...LOGITS, outputDtype: 'code', bins: 12 }],
  ['Parquet', { ...LOGITS, format: 'parquet' }],
  ['Arrow', { ...LOGITS, format: 'arrow', outputDtype: 'float16' }],
])('%s', (_, patterns) => {
  it('in 5 shards: the partial and the outputs of one run', async () => {
    const folder = writeFiles();
    const at = (name: string): string => join(folder, name);
    const options = placed({ threads: 2, ...patterns }, folder);
    await reweight({ ...options, out: at('whole') });
    const { normalize, epsilon, maxWeight, meanOne, focalGamma, momentum, biasCorrection, ...rest } = options;
    const { format, outputDtype, ...counted } = rest;
    await histogram({ ...counted, out: at('whole.ghm') });
    await reweightInSteps({ ...options, out: '' }, 5, at('steps'));
    expect(readFileSync(at('steps/all.ghm'), 'utf8')).toBe(readFileSync(at('whole.ghm'), 'utf8'));
    expect(lastingOutputs(at('steps/weights'))).toEqual(lastingOutputs(at('whole')));
  });
});

/** Options whose globs are below the folder. */
function placed<T extends object>(options: T, folder: string): T {
  const place = (value: unknown): unknown => {
    if (typeof value === 'string' && value.startsWith('*.')) return join(folder, value);
    return typeof value === 'object' && value !== null ? placed(value, folder) : value;
  };
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, place(value)])) as T;
}

describe.runIf(hasRealData)('the outputs of a real detector', () => {
  it.each([
    [
      'Parquet with its columns kept',
      { files: join(REAL, 'test.parquet'), format: 'parquet', keep: ['image_id', 'anchor'] },
    ],
    ['a deflated .npz', { files: join(REAL, 'test.npz') }],
    [
      'images as groups',
      {
        logits: join(REAL, 'logits.npy'),
        labels: join(REAL, 'labels.npy'),
        labelWeights: join(REAL, 'label_weights.npy'),
        group: 'image_id',
        columns: { image_id: join(REAL, 'image_id.npy') },
      },
    ],
  ] as const)('%s', async (_, options) => {
    const folder = folderOf();
    await reweight({ ...options, out: join(folder, 'whole') });
    await reweightInSteps({ ...options, out: '' }, 4, folder);
    expect(lastingOutputs(join(folder, 'weights'))).toEqual(lastingOutputs(join(folder, 'whole')));
  });
});
