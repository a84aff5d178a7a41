import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputError, usageError } from '../../src/errors.ts';
import { NPY_DTYPES } from '../../src/sources/npy/descr.ts';
import { resolveParts } from '../../src/sources/parts.ts';
import { folderOf, zeros } from './npy-files.ts';
import { onlyPart, resolve } from './one-part.ts';

test('the sample that ships with the package', async () => {
  const bccd = new URL('../../examples/bccd/', import.meta.url).pathname;
  const { parts, warnings, samples } = await resolveParts(
    { logits: 'logits.npy', labels: 'labels.npy', labelWeights: 'label_weights.npy' },
    bccd,
  );
  expect({ warnings, samples, length: parts.length }).toEqual({ warnings: [], samples: 220_320, length: 1 });
  expect(parts.at(0)).toMatchObject({
    logits: { name: 'logits.npy', dtype: 'float16' },
    labels: { name: 'labels.npy', dtype: 'int8' },
    labelWeights: { name: 'label_weights.npy', dtype: 'uint8', columns: 1 },
    rows: 73440,
    classes: 3,
    targets: 'index',
    indexing: { firstForeground: 0, background: 3 },
    ignoreLabel: -1,
    outputName: 'logits',
  });
});

describe('logits', () => {
  test.each(NPY_DTYPES.filter((dtype) => !dtype.startsWith('float')))('%s', async (dtype) => {
    await expect(resolve([dtype, 4, 3], ['int8', 4])).rejects.toThrow(
      inputError(
        `logits.npy is ${dtype} [4, 3]; expected logits of float16, bfloat16, float32, float64: the scores before the sigmoid, ` +
          'not labels or quantised values',
      ),
    );
  });

  test('another number of axes', async () => {
    await expect(resolve(['float32'], ['int8', 1])).rejects.toThrow(
      inputError('logits.npy is float32 []; expected logits of shape [N] or [N, C]'),
    );
    await expect(resolve(['float32', 2, 3, 4], ['int8', 2, 3])).rejects.toThrow(
      inputError(
        'logits.npy is float32 [2, 3, 4]; expected logits of shape [N] or [N, C]. ' +
          'Save logits.reshape(-1, logits.shape[-1]), and its labels likewise',
      ),
    );
  });

  test('float64 is rounded', async () => {
    expect((await resolve(['float64', 4], ['int8', 4])).warnings).toEqual([
      '1 file of float64 logits is rounded to float32',
    ]);
    const cwd = folderOf({
      'a1.npy': zeros('float64', 2),
      'a2.npy': zeros('float32', 2),
      'a3.npy': zeros('float64', 2),
      'b1.npy': zeros('int8', 2),
      'b2.npy': zeros('int8', 2),
      'b3.npy': zeros('int8', 2),
    });
    expect((await resolveParts({ logits: 'a*.npy', labels: 'b*.npy' }, cwd)).warnings).toEqual([
      '2 files of float64 logits are rounded to float32',
    ]);
  });
});

describe('label weights', () => {
  test.each(NPY_DTYPES)('%s', async (dtype) => {
    expect((await onlyPart(['float32', 4, 3], ['int8', 4], {}, [dtype, 4]))?.labelWeights?.columns).toBe(1);
    expect((await onlyPart(['float32', 4, 3], ['int8', 4], {}, [dtype, 4, 1]))?.labelWeights?.columns).toBe(1);
    expect((await onlyPart(['float32', 4, 3], ['int8', 4], {}, [dtype, 4, 3]))?.labelWeights?.columns).toBe(3);
    expect((await onlyPart(['float32', 4], ['int8', 4], {}, [dtype, 4, 1]))?.labelWeights?.columns).toBe(1);
  });

  test('another shape', async () => {
    await expect(resolve(['float32', 4, 3], ['int8', 4], {}, ['bool', 4, 2])).rejects.toThrow(
      inputError(
        'weights.npy is bool [4, 2], which does not fit logits.npy [4, 3]; expected label weights [4] or [4, 1] ' +
          '(one a row) or [4, 3] (one a sample)',
      ),
    );
    await expect(resolve(['float32', 4], ['int8', 4], {}, ['bool', 4, 2])).rejects.toThrow(
      inputError(
        'weights.npy is bool [4, 2], which does not fit logits.npy [4]; expected label weights [4] or [4, 1] (one a row)',
      ),
    );
    await expect(resolve(['float32', 4], ['int8', 4], {}, ['bool', 4, 1, 1])).rejects.toThrow(
      inputError(
        'weights.npy is bool [4, 1, 1]; expected label weights of shape [N] or [N, C], N = 4 rows as in logits.npy',
      ),
    );
  });
});

describe('several parts', () => {
  test('may differ in C and in how labels are read; may be empty; are named below the folder they share', async () => {
    const cwd = folderOf({
      'in/a/1.logits.npy': zeros('float32', 2, 3),
      'in/a/1.labels.npy': zeros('int64', 2),
      'in/a/2.logits.npy': zeros('float16', 5, 4),
      'in/a/2.labels.npy': zeros('bool', 5, 4),
      'in/b/3.logits.npy': zeros('float32', 0, 3),
      'in/b/3.labels.npy': zeros('int64', 0),
      'in/b/4.logits.npy': zeros('float32', 7, 0),
      'in/b/4.labels.npy': zeros('int64', 7),
      'in/b/5.logits.npy': zeros('float32', 7, 0),
      'in/b/5.labels.npy': zeros('bool', 7, 0),
    });
    const options = { logits: '**/*.logits.npy', labels: '**/*.labels.npy', backgroundLabel: 9 };
    const { parts, warnings, samples } = await resolveParts(options, cwd);
    expect(parts.map((part) => [part.outputName, part.targets, part.rows, part.classes])).toEqual([
      ['a/1.logits', 'index', 2, 3],
      ['a/2.logits', 'binary', 5, 4],
      ['b/3.logits', 'index', 0, 3],
      ['b/4.logits', 'index', 7, 0],
      ['b/5.logits', 'binary', 7, 0],
    ]);
    expect(samples).toBe(26);
    expect(warnings).toEqual([
      '--background-label 9 has no effect on 2 of 5 files, whose labels are binary targets, not class indices',
    ]);
  });

  test('likely mispaired', async () => {
    const cwd = folderOf({ 'p1.npy': zeros('float32', 2), 'l2.npy': zeros('int8', 2) });
    expect((await resolveParts({ logits: 'p*', labels: 'l*' }, cwd)).warnings).toEqual([
      '1 of 1 pairs of --logits and --labels have different numbers in their names, first p1.npy with l2.npy. ' +
        'Files are paired in natural sort order: check that they belong together',
    ]);
  });

  test('no samples at all', async () => {
    await expect(resolve(['float32', 0, 3], ['int8', 0])).rejects.toThrow(
      inputError('no samples: logits.npy is float32 [0, 3]; expected at least one logit'),
    );
    const cwd = folderOf({
      'p1.npy': zeros('float32', 0),
      'p2.npy': zeros('float32', 3, 0),
      'l1.npy': zeros('int8', 0),
      'l2.npy': zeros('int8', 3),
    });
    await expect(resolveParts({ logits: 'p*', labels: 'l*' }, cwd)).rejects.toThrow(
      inputError('no samples: p1.npy is float32 [0], and all 2 files are empty; expected at least one logit'),
    );
  });

  test('two outputs of one name', async () => {
    const cwd = folderOf({
      a: zeros('float32', 2),
      'a.npy': zeros('float32', 2),
      l1: zeros('int8', 2),
      l2: zeros('int8', 2),
    });
    await expect(resolveParts({ logits: ['a', 'a.npy'], labels: 'l?' }, cwd)).rejects.toThrow(
      usageError(`${cwd}/a and ${cwd}/a.npy would both have the output a; rename one of them or run them apart`),
    );
  });

  test('links keep their own names', async () => {
    const cwd = folderOf({ 'store/1f': zeros('float32', 2), 'store/2e': zeros('int8', 2) });
    symlinkSync('store/1f', join(cwd, 'logits.npy'));
    symlinkSync('store/2e', join(cwd, 'labels.npy'));
    expect((await resolveParts({ logits: 'logits.npy', labels: 'labels.npy' }, cwd)).parts.at(0)?.outputName).toBe(
      'logits',
    );
  });
});
