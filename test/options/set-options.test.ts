import { describe, expect, it } from 'vitest';
import { columnOf, setRequest } from '../../src/options/set-options.ts';
import { validateApply, validateHistogram, validateReweight } from '../../src/options/validate.ts';

const given = { logits: 'a.npy', labels: 'b.npy', out: 'weights', threads: 1 };

describe('batches and groups', () => {
  it.each([
    [{ momentum: 1, batch: 'rows:5' }, '--momentum: expected a number of at least 0 and below 1, found 1'],
    [{ momentum: -0.1, batch: 'rows:5' }, '--momentum: expected a number of at least 0 and below 1, found -0.1'],
    [{ momentum: Number.NaN, batch: 'rows:5' }, '--momentum: expected a number of at least 0 and below 1, found NaN'],
    [{ momentum: '0,9', batch: 'rows:5' }, '--momentum: expected a number of at least 0 and below 1, found "0,9"'],
    [
      { momentum: 0.9 },
      '--momentum: averages over batches; say which with --batch rows:N, or --batch column:NAME --batch-size K',
    ],
    [
      { batch: 'rows:256' },
      '--batch rows:256: add --momentum A, at least 0 and below 1; 0 weighs each batch by its own counts alone',
    ],
    [{ batch: 'rows:0', momentum: 0 }, '--batch: expected rows:N or column:NAME, found "rows:0"'],
    [{ batch: 'image_id', momentum: 0 }, '--batch: expected rows:N or column:NAME, found "image_id"'],
    [
      { batch: 'column:image_id', momentum: 0 },
      '--batch column:image_id: add --batch-size K, how many values of image_id make a batch',
    ],
    [
      { batch: 'rows:5', batchSize: 2, momentum: 0 },
      '--batch-size: --batch rows:5 says its size itself; drop --batch-size',
    ],
    [{ batchSize: 2 }, '--batch-size: has no meaning without --batch column:NAME; add that, or drop --batch-size'],
    [
      { batch: 'column:i', batchSize: 0, momentum: 0 },
      '--batch-size: expected an integer from 1 to 2147483647, found 0',
    ],
    [
      { biasCorrection: true },
      '--bias-correction: has no meaning without momentum; add --momentum A, at least 0 and below 1',
    ],
    [
      { group: 'level', batch: 'rows:5', momentum: 0.5 },
      '--batch and --group: samples are in batches or in groups, not both; drop one of them',
    ],
    [
      { group: 'level', momentum: 0.5 },
      '--momentum: averages over batches; say which with --batch rows:N, or --batch column:NAME --batch-size K',
    ],
    [{ group: '' }, '--group: expected the name of a column, or class, found an empty text'],
    [
      { columns: { class: 'c.npy' } },
      '--column class: that name is the column of the logits; give the column another name',
    ],
    [
      { columns: { level: [] } },
      "--column level: expected at least one file or quoted glob, such as 'dumps/*.level.npy'",
    ],
    [{ columns: 'level.npy' }, '--column: expected NAME=FILES, found "level.npy"'],
  ])('%j is refused', (extra, message) => {
    expect(() => validateReweight({ ...given, ...extra })).toThrow(expect.objectContaining({ exitCode: 2, message }));
  });

  it('histogram counts batches without a momentum; apply takes one for those of its partial', () => {
    expect(validateHistogram({ ...given, batch: 'rows:5' }).batch).toBe('rows:5');
    expect(validateApply({ ...given, density: 'p.ghm', momentum: 0.9 }).momentum).toBe(0.9);
  });

  it('are read into what is asked for', () => {
    const none = { batch: undefined, batchSize: undefined, group: undefined };
    expect(setRequest(none)).toBe(null);
    expect(setRequest({ ...none, batch: 'rows:12' })).toEqual({ kind: 'batches', by: 'rows', rows: 12 });
    const images = setRequest({ ...none, batch: 'column:image:id', batchSize: 4 });
    expect(images).toEqual({ kind: 'batches', by: 'column', column: 'image:id', size: 4 });
    expect(columnOf(images)).toBe('image:id');
    expect(columnOf(setRequest({ ...none, group: 'level' }))).toBe('level');
    expect(columnOf(setRequest({ ...none, group: 'class' }))).toBe(null);
  });
});
