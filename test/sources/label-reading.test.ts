import { describe, expect, test } from 'vitest';
import { inputError, usageError } from '../../src/errors.ts';
import type { StreamOptions } from '../../src/options/options.ts';
import { NPY_DTYPES } from '../../src/sources/npy/descr.ts';
import { INTEGER_DTYPES } from '../../src/sources/source.ts';
import { onlyPart, resolve, type Spec } from './one-part.ts';

describe('targets', () => {
  test.each(NPY_DTYPES)('the same shape is binary, as %s', async (dtype) => {
    expect(await onlyPart(['float32', 4], [dtype, 4])).toMatchObject({ targets: 'binary', rows: 4, classes: 1 });
    expect(await onlyPart(['float32', 4, 3], [dtype, 4, 3])).toMatchObject({ targets: 'binary', rows: 4, classes: 3 });
    expect(await onlyPart(['float32', 4, 1], [dtype, 4, 1])).toMatchObject({ targets: 'binary', rows: 4, classes: 1 });
  });

  test.each(INTEGER_DTYPES)('one %s a row is a class index', async (dtype) => {
    const expected = { targets: 'index', rows: 4, classes: 3, indexing: { firstForeground: 0, background: 3 } };
    expect(await onlyPart(['float16', 4, 3], [dtype, 4])).toMatchObject(expected);
    expect(await onlyPart(['float64', 4, 3], [dtype, 4, 1])).toMatchObject(expected);
    expect(await onlyPart(['float32', 4, 3], [dtype, 4], { labelFormat: 'index' })).toMatchObject(expected);
  });

  test.each(['bool', 'float16', 'float32', 'float64'] as const)('%s is no class index', async (dtype) => {
    const message = `labels.npy is ${dtype} [4], which cannot be class indices for logits.npy float32 [4, 3]; expected integers. Save labels.astype(np.int64), or one target a sample, [4, 3]`;
    await expect(resolve(['float32', 4, 3], [dtype, 4])).rejects.toThrow(inputError(message));
    await expect(resolve(['float32', 4, 3], [dtype, 4], { labelFormat: 'index' })).rejects.toThrow(inputError(message));
  });

  test.each([
    [['float32', 4, 1], ['int64', 4], 'logits.npy is float32 [4, 1] and labels.npy is int64 [4]'],
    [['float32', 4], ['uint8', 4, 1], 'logits.npy is float32 [4] and labels.npy is uint8 [4, 1]'],
  ] as [Spec, Spec, string][])('C = 1: %j with %j has to be settled', async (logits, labels, found) => {
    await expect(resolve(logits, labels)).rejects.toThrow(
      usageError(
        `${found}: that can be one binary target a sample (1 is the object) or one class index a row (0 is the object, ` +
          '1 the background), which are opposite. Say which with --label-format binary or --label-format index',
      ),
    );
    expect(await onlyPart(logits, labels, { labelFormat: 'binary' })).toMatchObject({ targets: 'binary', classes: 1 });
    expect(await onlyPart(logits, labels, { labelFormat: 'index' })).toMatchObject({
      targets: 'index',
      classes: 1,
      indexing: { firstForeground: 0, background: 1 },
    });
  });

  test('logits [N] with class indices', async () => {
    expect(await onlyPart(['float32', 4], ['int8', 4], { labelFormat: 'index' })).toMatchObject({
      targets: 'index',
      indexing: { firstForeground: 0, background: 1 },
    });
  });

  test.each([
    [
      'auto',
      ['float32', 4, 3],
      ['int8', 4, 2],
      'int8 [4, 2]',
      '[4, 3]',
      '[4, 3] (one target a sample) or [4] (one class index a row)',
    ],
    ['auto', ['float32', 4], ['int8', 4, 2], 'int8 [4, 2]', '[4]', '[4]'],
    ['binary', ['float32', 4, 3], ['int8', 4], 'int8 [4]', '[4, 3]', 'one target a sample, [4, 3]'],
    ['index', ['float32', 4, 3], ['int8', 4, 3], 'int8 [4, 3]', '[4, 3]', 'one class index a row, [4]'],
  ] as ['auto', Spec, Spec, string, string, string][])(
    '%s: %j with %j does not fit',
    async (labelFormat, logits, labels, found, shape, expected) => {
      await expect(resolve(logits, labels, { labelFormat })).rejects.toThrow(
        inputError(`labels.npy is ${found}, which does not fit logits.npy float32 ${shape}; expected ${expected}`),
      );
    },
  );

  test.each([
    [['int8', 4, 3, 1], 'int8 [4, 3, 1]'],
    [['int8'], 'int8 []'],
  ] as [Spec, string][])('labels %j', async (labels, found) => {
    await expect(resolve(['float32', 4, 3], labels)).rejects.toThrow(
      inputError(`labels.npy is ${found}; expected labels of shape [N] or [N, C], N = 4 rows as in logits.npy`),
    );
  });

  test('row counts that differ', async () => {
    await expect(resolve(['float32', 4, 3], ['int8', 5])).rejects.toThrow(
      inputError(
        'logits.npy has 4 rows and labels.npy has 5; expected as many in both. Do the two files belong together?',
      ),
    );
    await expect(resolve(['float32', 4, 3], ['int8', 4], {}, ['int8', 3])).rejects.toThrow(
      inputError(
        'logits.npy has 4 rows and weights.npy has 3; expected as many in both. Do the two files belong together?',
      ),
    );
  });
});

describe('class indexing', () => {
  const index = (options: Partial<StreamOptions>) => onlyPart(['float32', 4, 3], ['int8', 4], options);

  test('bases, backgrounds and ignored labels', async () => {
    expect(await index({})).toMatchObject({ indexing: { firstForeground: 0, background: 3 }, ignoreLabel: -1 });
    expect((await index({ labelBase: 1 }))?.indexing).toEqual({ firstForeground: 1, background: 0 });
    expect((await index({ labelBase: 1, backgroundLabel: 4 }))?.indexing).toEqual({
      firstForeground: 1,
      background: 4,
    });
    expect(await index({ backgroundLabel: 80, ignoreLabel: 255 })).toMatchObject({
      indexing: { firstForeground: 0, background: 80 },
      ignoreLabel: 255,
    });
    expect((await index({ backgroundLabel: -1, ignoreLabel: -2 }))?.indexing.background).toBe(-1);
  });

  test.each([
    [
      { backgroundLabel: 0 },
      '--background-label 0 is one of the classes 0..2 of logits.npy [4, 3]; expected a label outside of them. Labels that start at 1 are read with --label-base 1',
    ],
    [
      { backgroundLabel: 3, labelBase: 1 },
      '--background-label 3 is one of the classes 1..3 of logits.npy [4, 3]; expected a label outside of them. Labels that start at 1 are read with --label-base 1',
    ],
    [
      { ignoreLabel: 2 },
      '--ignore-label 2 is one of the classes 0..2 of logits.npy [4, 3]; expected a label outside of them',
    ],
    [
      { ignoreLabel: 3 },
      '--ignore-label 3 is also the background label, next to the classes 0..2 of logits.npy [4, 3]; expected two different labels',
    ],
    [
      { backgroundLabel: -1 },
      '--ignore-label -1 is also the background label, next to the classes 0..2 of logits.npy [4, 3]; expected two different labels',
    ],
    [
      { labelBase: 1, ignoreLabel: 0 },
      '--ignore-label 0 is also the background label, next to the classes 1..3 of logits.npy [4, 3]; expected two different labels',
    ],
  ] as [Partial<StreamOptions>, string][])('%j', async (options, message) => {
    await expect(index(options)).rejects.toThrow(usageError(message));
  });

  test('binary labels have none', async () => {
    const options = { labelBase: 1, backgroundLabel: 0, ignoreLabel: 0 } as const;
    const { parts, warnings } = await resolve(['float32', 4, 3], ['int8', 4, 3], options);
    expect(parts.at(0)?.ignoreLabel).toBe(0);
    expect(warnings).toEqual([
      '--label-base 1 has no effect on 1 of 1 file, whose labels are binary targets, not class indices',
      '--background-label 0 has no effect on 1 of 1 file, whose labels are binary targets, not class indices',
    ]);
    expect((await resolve(['float32', 4, 3], ['int8', 4, 3], { labelBase: 0 })).warnings).toEqual([]);
  });
});
