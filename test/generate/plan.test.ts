import { describe, expect, test } from 'vitest';
import { usageError } from '../../src/errors.ts';
import { blockRows } from '../../src/generate/block.ts';
import { completeGenerate, type GenerateOptions } from '../../src/generate/options.ts';
import { partFiles, planGenerate, rowRanges } from '../../src/generate/plan.ts';

const complete = (options: Omit<GenerateOptions, 'out'>) => completeGenerate({ out: 'x', threads: 2, ...options });
const plan = (options: Omit<GenerateOptions, 'out'>) => planGenerate(complete(options));

describe('options', () => {
  test('have defaults, are frozen, and validate to themselves', () => {
    const options = complete({ samples: 10 });
    expect(options).toMatchObject({
      samples: 10,
      out: 'x',
      seed: 0,
      form: 'binary',
      classes: 1,
      dtype: 'float32',
      samplesPerPart: 67_108_864,
      labelWeights: false,
      threads: 2,
      force: false,
      signal: undefined,
    });
    expect(Object.isFrozen(options)).toBe(true);
    expect(completeGenerate(options)).toMatchObject({ ...options, onProgress: expect.any(Function) });
    expect(complete({ samples: 10, form: 'index' }).classes).toBe(80);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ samples: undefined }, '--samples: expected how many samples, such as 10M or 1e9, found nothing'],
    [{ samples: 0 }, '--samples: expected an integer from 1 to 281474976710656, found 0'],
    [{ samples: 1.5 }, '--samples: expected an integer from 1 to 281474976710656, found 1.5'],
    [{ samples: Number.NaN }, '--samples: expected an integer from 1 to 281474976710656, found NaN'],
    [{ out: '' }, '--out: expected the folder to write into, found an empty text'],
    [{ seed: -1 }, '--seed: expected an integer from 0 to 9007199254740991, found -1'],
    [{ form: 'rows' }, '--form: expected binary or index, found "rows"'],
    [{ form: 'index', classes: 65_537 }, '--classes: expected an integer from 1 to 65536, found 65537'],
    [{ classes: 80 }, '--classes is for --form index, and --form binary has none: drop one of them'],
    [{ dtype: 'float64' }, '--dtype: expected float32 or float16, found "float64"'],
    [{ samplesPerPart: 0 }, '--part-samples: expected an integer from 1 to 9007199254740991, found 0'],
    [{ threads: 0 }, '--threads: expected an integer from 1 to 1024, found 0'],
  ])('%o is wrong usage', (options, message) => {
    const wrong = () => completeGenerate({ samples: 10, out: 'x', ...options });
    expect(wrong).toThrow(expect.objectContaining({ exitCode: 2 }));
    // a near word may be suggested after the message
    expect(wrong).toThrow(message);
  });
});

describe('the plan', () => {
  test('rounds samples up and parts down to rows', () => {
    expect(plan({ samples: 801, form: 'index', samplesPerPart: 399 })).toMatchObject({
      rows: 11,
      rowsPerPart: 4,
      parts: 3,
    });
    expect(plan({ samples: 100, form: 'index', samplesPerPart: 1 })).toMatchObject({ rows: 2, rowsPerPart: 1 });
    expect(plan({ samples: 10, samplesPerPart: 100 })).toMatchObject({ rows: 10, rowsPerPart: 10, parts: 1 });
  });

  test('refuses more parts than names', () => {
    expect(() => plan({ samples: 1e9, samplesPerPart: 9999 })).toThrow(
      usageError('--part-samples: 9999 would make 100011 parts, and 100000 are the most; use 10000 or more'),
    );
    expect(plan({ samples: 1e9, samplesPerPart: 10_000 }).parts).toBe(100_000);
  });

  test.each([
    { samples: 1 },
    { samples: 30_000_000 },
    { samples: 30_000_000, samplesPerPart: 7_000_001 },
    { samples: 20_000_000, form: 'index', samplesPerPart: 9_000_000 },
  ] as const)('covers every row once, in whole blocks but for the ends of parts: %o', (options) => {
    const planned = plan(options);
    const block = blockRows(planned.classes);
    let row = 0;
    for (const { part, partBegin, begin, end } of rowRanges(planned)) {
      expect(begin).toBe(row);
      expect(partBegin).toBe(part * planned.rowsPerPart);
      expect(begin === partBegin || begin % block === 0).toBe(true);
      expect(end - begin).toBeGreaterThan(0);
      expect((end - begin) * planned.classes).toBeLessThanOrEqual(2 ** 23);
      row = end;
    }
    expect(row).toBe(planned.rows);
  });

  test('names the files of a part and knows their sizes', () => {
    const options = complete({
      samples: 1000,
      form: 'index',
      dtype: 'float16',
      samplesPerPart: 800,
      labelWeights: true,
    });
    expect(partFiles(planGenerate(options), options, 1).map(({ name, bytes }) => ({ name, bytes }))).toEqual([
      { name: 'part-00001.logits.npy', bytes: 128 + 3 * 80 * 2 },
      { name: 'part-00001.labels.npy', bytes: 128 + 3 * 8 },
      { name: 'part-00001.label_weights.npy', bytes: 128 + 3 * 4 },
    ]);
  });
});
