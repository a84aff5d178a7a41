import { describe, expect, test } from 'vitest';
import { inputError, usageError } from '../../src/errors.ts';
import type { StreamOptions } from '../../src/options/options.ts';
import { resolveParts } from '../../src/sources/parts.ts';
import { folderOf, zeros } from './npy-files.ts';
import { safetensors, type TensorSpec, zeroTensor } from './safetensors-files.ts';

const LOGITS = zeroTensor('F32', 4, 5, 3);
const LABELS = zeroTensor('I64', 8, 5);
const WEIGHTS = zeroTensor('U8', 1, 5);

const resolved = (tensors: Readonly<Record<string, TensorSpec>>, options: StreamOptions = {}) =>
  resolveParts({ files: 'd/x.safetensors', ...options }, folderOf({ 'd/x.safetensors': safetensors(tensors) }));

describe('the arrays of a file', () => {
  test('by the usual keys', async () => {
    const { parts, warnings } = await resolved({
      labels: LABELS,
      logits: LOGITS,
      image_id: LABELS,
      label_weights: WEIGHTS,
    });
    expect(warnings).toEqual([]);
    expect([...parts]).toMatchObject([
      {
        logits: { name: 'd/x.safetensors[logits]', rows: 5, columns: 3 },
        labels: { name: 'd/x.safetensors[labels]', dtype: 'int64' },
        labelWeights: { name: 'd/x.safetensors[label_weights]', dtype: 'uint8' },
        outputName: 'x',
        blocks: null,
      },
    ]);
    expect((await resolved({ labels: LABELS, logits: LOGITS })).parts.at(0)?.labelWeights).toBeNull();
    expect((await resolved({ label: LABELS, logit: LOGITS })).parts.at(0)?.labels.name).toBe('d/x.safetensors[label]');
  });

  test('by keys given', async () => {
    const options = { logitsKey: 'cls', labelsKey: 'gt', labelWeightsKey: 'use' };
    const { parts } = await resolved({ cls: LOGITS, gt: LABELS, use: WEIGHTS, logits: LABELS }, options);
    expect(parts.at(0)).toMatchObject({
      logits: { name: 'd/x.safetensors[cls]' },
      labels: { name: 'd/x.safetensors[gt]' },
      labelWeights: { name: 'd/x.safetensors[use]' },
    });
  });

  test('many in one file, by a *', async () => {
    const { parts } = await resolved(
      {
        'img10.x': LOGITS,
        'img2.x': LOGITS,
        'img2.y': LABELS,
        'img10.y': LABELS,
        'img2.w': WEIGHTS,
        'img10.w': WEIGHTS,
      },
      { logitsKey: '*.x', labelsKey: '*.y', labelWeightsKey: '*.w' },
    );
    expect(parts.map(({ outputName, labels, labelWeights }) => [outputName, labels.name, labelWeights?.name])).toEqual([
      ['x.img2.x', 'd/x.safetensors[img2.y]', 'd/x.safetensors[img2.w]'],
      ['x.img10.x', 'd/x.safetensors[img10.y]', 'd/x.safetensors[img10.w]'],
    ]);
  });

  test.each<[Record<string, TensorSpec>, StreamOptions, string]>([
    [
      { cls: LOGITS, labels: LABELS },
      {},
      'holds no array "logits"; it holds cls, labels. Name it with --logits-key KEY',
    ],
    [
      { Logits: LOGITS, labels: LABELS },
      {},
      'holds no array "logits"; it holds Logits, labels. Did you mean --logits-key Logits?',
    ],
    [{ logits: LOGITS, gt: LABELS }, {}, 'holds no array "labels"; it holds logits, gt. Name it with --labels-key KEY'],
    [
      { logits: LOGITS, labels: LABELS },
      { labelWeightsKey: 'use' },
      'holds no array "use"; it holds logits, labels. Name it with --label-weights-key KEY',
    ],
    [{}, {}, 'holds no arrays; expected "logits"'],
    [
      { 'a.x': LOGITS, 'b.x': LOGITS, 'b.y': LABELS },
      { logitsKey: '*.x', labelsKey: '*.y' },
      'holds no array "a.y"; it holds a.x, b.x, b.y. Did you mean --labels-key a.x?',
    ],
    [
      Object.fromEntries(Array.from({ length: 22 }, (_, i) => [`k${i}`, WEIGHTS])),
      {},
      `holds no array "logits"; it holds ${Array.from({ length: 20 }, (_, i) => `k${i}`).join(', ')} and 2 more. Name it with --logits-key KEY`,
    ],
  ])('a key that is missing: %#', async (tensors, options, message) => {
    await expect(resolved(tensors, options)).rejects.toThrow(inputError(`d/x.safetensors: ${message}`));
  });

  test('a * that does not fit', async () => {
    const tensors = { 'a.x': LOGITS, 'b.x': LOGITS, 'a.y': LABELS, 'b.y': LABELS };
    await expect(resolved(tensors, { logitsKey: '*.x', labelsKey: 'a.y' })).rejects.toThrow(
      usageError('--logits-key *.x: stands for several arrays; expected --labels-key with a * too, found a.y'),
    );
    await expect(resolved(tensors, { logitsKey: 'a.x', labelsKey: '*.y' })).rejects.toThrow(
      usageError(
        '--labels-key *.y: stands for several arrays of d/x.safetensors, first a.y, b.y, and --logits-key for one; give both a *',
      ),
    );
  });

  test('label weights that are there and not used', async () => {
    const { warnings } = await resolved({ logits: LOGITS, labels: LABELS, cls_label_weights: WEIGHTS });
    expect(warnings).toEqual([
      'd/x.safetensors holds cls_label_weights, which is not used; name label weights with --label-weights-key',
    ]);
  });
});

describe('files of both kinds', () => {
  test('an array of its own as FILES', async () => {
    const cwd = folderOf({ 'x.npy': zeros('float32', 3) });
    await expect(resolveParts({ files: 'x.npy' }, cwd)).rejects.toThrow(
      inputError(
        'x.npy: holds one array; expected a file of several, such as .npz. ' +
          'Name files of one array with --logits FILES --labels FILES',
      ),
    );
  });

  test('one array out of several, for --logits and --labels', async () => {
    const cwd = folderOf({
      'x.safetensors': safetensors({ logits: LOGITS, other: LABELS }),
      'y.safetensors': safetensors({ gt: LABELS }),
      'w.npy': zeros('uint8', 5),
    });
    const options = { logits: 'x.safetensors', labels: 'y.safetensors', labelWeights: 'w.npy' };
    expect([...(await resolveParts(options, cwd)).parts]).toMatchObject([
      {
        logits: { name: 'x.safetensors[logits]' },
        labels: { name: 'y.safetensors[gt]' },
        labelWeights: { name: 'w.npy' },
        outputName: 'x',
      },
    ]);
    await expect(resolveParts({ ...options, labelsKey: 'labels' }, cwd)).rejects.toThrow(
      inputError('y.safetensors: holds no array "labels"; it holds gt. Name it with --labels-key KEY'),
    );
    await expect(resolveParts({ logits: 'x.safetensors', labels: 'x.safetensors' }, cwd)).rejects.toThrow(
      inputError('x.safetensors: holds no array "labels"; it holds logits, other. Name it with --labels-key KEY'),
    );
    await expect(resolveParts({ ...options, logitsKey: '*o*' }, cwd)).rejects.toThrow(
      inputError('x.safetensors: holds no array "*o*"; it holds logits, other. Name it with --logits-key KEY'),
    );
    await expect(resolveParts({ ...options, logitsKey: '*' }, cwd)).rejects.toThrow(
      usageError(
        '--logits-key *: stands for 2 arrays of x.safetensors, first logits, other; expected one. ' +
          'Give files of many arrays without a flag: ghm reweight FILES',
      ),
    );
  });
});
