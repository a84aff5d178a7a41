import { describe, expect, it } from 'vitest';
import { GhmError } from '../../src/errors.ts';
import {
  validateApply,
  validateDemo,
  validateHistogram,
  validateInspect,
  validateMerge,
  validateReweight,
} from '../../src/options/validate.ts';

const STREAM = { logits: 'a.npy', labels: ['b.npy'] };
const REWEIGHT = { ...STREAM, out: 'weights' };

/** The message of the usage error that a call throws. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(GhmError);
    if (error instanceof GhmError) {
      expect(error.exitCode).toBe(2);
      return error.message;
    }
  }
  throw new Error('accepted');
}

const refused = (extra: object): string => refusal(() => validateReweight({ ...REWEIGHT, threads: 1, ...extra }));

describe('validateReweight', () => {
  it('--mean-one needs a limit that allows it', () => {
    expect(() => validateReweight({ ...REWEIGHT, meanOne: true, maxWeight: 0.5 })).toThrow(
      '--mean-one: weights of at most 0.5 have no mean of 1; give a --max-weight of 1 or more',
    );
    expect(validateReweight({ ...REWEIGHT, meanOne: true, maxWeight: 1 }).meanOne).toBe(true);
  });

  it('fills in every default and freezes', () => {
    const options = validateReweight({ ...REWEIGHT, threads: 3 });
    expect(options).toEqual({
      task: 'classification',
      logits: ['a.npy'],
      labels: ['b.npy'],
      labelWeights: undefined,
      columns: undefined,
      labelFormat: 'auto',
      backgroundLabel: undefined,
      ignoreLabel: -1,
      labelBase: 0,
      nonFinite: 'error',
      density: 'unit-region',
      windowBits: undefined,
      bins: 30,
      normalize: 'valid-bins',
      epsilon: undefined,
      maxWeight: undefined,
      meanOne: false,
      focalGamma: 2,
      focalAlpha: 0.25,
      batch: undefined,
      batchSize: undefined,
      group: undefined,
      momentum: undefined,
      biasCorrection: false,
      out: 'weights',
      format: 'npy',
      keep: [],
      outputDtype: 'float32',
      force: false,
      resume: false,
      engine: 'threads',
      threads: 3,
      memory: 268_435_456,
      signal: undefined,
      onProgress: expect.any(Function),
      onWarning: expect.any(Function),
    });
    expect(Object.isFrozen(options)).toBe(true);
    expect(Object.isFrozen(options.logits)).toBe(true);
    expect(validateReweight(REWEIGHT).threads).toBeGreaterThanOrEqual(1);
  });

  it('keeps what is given, and validates its own result to the same', () => {
    const warnings: string[] = [];
    const once = validateReweight({
      ...REWEIGHT,
      labelWeights: 'w.npy',
      labelFormat: 'index',
      backgroundLabel: 0,
      ignoreLabel: 255,
      labelBase: 1,
      nonFinite: 'ignore',
      bins: 10_000,
      normalize: 'all-bins',
      maxWeight: 0.5,
      format: 'parquet',
      keep: ['image_id', 'anchor'],
      outputDtype: 'code',
      force: true,
      threads: 1024,
      memory: '1G',
      signal: new AbortController().signal,
      onWarning: (message: string) => warnings.push(message),
    });
    const twice = validateReweight(once);
    const data = ({ onProgress: _p, onWarning: _w, ...rest }: typeof once) => rest;
    expect(data(twice)).toEqual(data(once));
    expect(twice.signal).toBe(once.signal);
    twice.onWarning('look');
    expect(warnings).toEqual(['look']);
  });

  it('fills in the defaults of windows, and validates them to the same', () => {
    const once = validateReweight({ ...REWEIGHT, density: 'window', bins: 10 });
    const windows = { density: 'window', windowBits: 21, bins: 10, epsilon: 0.1, normalize: undefined };
    expect(once).toMatchObject(windows);
    expect(validateReweight(once)).toMatchObject(windows);
    expect(validateReweight({ ...REWEIGHT, density: 'window', epsilon: 2, windowBits: 23 })).toMatchObject({
      epsilon: 2,
      windowBits: 23,
    });
    expect(validateHistogram({ logits: 'a', labels: 'b', out: 'c', density: 'window' }).windowBits).toBe(21);
    const apply = { ...REWEIGHT, density: 'a.ghm', method: 'window', epsilon: 1e-9 };
    expect(validateApply(apply)).toMatchObject({ density: 'a.ghm', method: 'window', epsilon: 1e-9, bins: undefined });
  });

  it.each([
    [0, '--epsilon: expected a number above 0 and at most 2, found 0'],
    [-0.1, '--epsilon: expected a number above 0 and at most 2, found -0.1'],
    [2.001, '--epsilon: expected a number above 0 and at most 2, found 2.001'],
    [Number.NaN, '--epsilon: expected a number above 0 and at most 2, found NaN'],
    ['wide', '--epsilon: expected a number above 0 and at most 2, found "wide"'],
  ])('epsilon %s is refused with the range', (epsilon, message) => {
    const refused = expect.objectContaining({ exitCode: 2, message });
    expect(() => validateReweight({ ...REWEIGHT, density: 'window', epsilon })).toThrow(refused);
    expect(() => validateApply({ ...REWEIGHT, density: 'd', method: 'window', epsilon })).toThrow(refused);
  });

  it.each([
    [{ epsilon: 0.1 }, '--epsilon is the width of windows: add --density window, or drop it'],
    [{ windowBits: 22 }, '--window-bits is for windows: add --density window, or drop it'],
    [
      { density: 'window', normalize: 'all-bins' },
      '--normalize is for unit regions, and --density window has none: drop one of them',
    ],
    [{ density: 'window', windowBits: 18 }, '--window-bits: expected 19, 20, 21, 22 or 23, found 18'],
    [{ density: 'windows' }, '--density: expected unit-region or window, found "windows"; did you mean window?'],
  ])('%j: what belongs to the other density is refused', (options, message) => {
    expect(() => validateReweight({ ...REWEIGHT, ...options })).toThrow(
      expect.objectContaining({ exitCode: 2, message }),
    );
  });

  it.each([
    [{ epsilon: 0.1 }, '--epsilon is the width of windows: add --method window, or drop it'],
    [
      { method: 'window', normalize: 'all-bins' },
      '--normalize is for unit regions, and --method window has none: drop one of them',
    ],
  ])('apply %j: what belongs to the other method is refused', (options, message) => {
    expect(() => validateApply({ ...REWEIGHT, density: 'd', ...options })).toThrow(
      expect.objectContaining({ exitCode: 2, message }),
    );
  });

  it.each([
    [{ bins: 0 }, '--bins: expected an integer from 1 to 10000, found 0'],
    [{ bins: 10_001 }, '--bins: expected an integer from 1 to 10000, found 10001'],
    [{ bins: 1.5 }, '--bins: expected an integer from 1 to 10000, found 1.5'],
    [{ bins: Number.NaN }, '--bins: expected an integer from 1 to 10000, found NaN'],
    [{ bins: 'abc' }, '--bins: expected an integer from 1 to 10000, found "abc"'],
    [{ bins: null }, '--bins: expected an integer from 1 to 10000, found nothing'],
    [{ bins: [30] }, '--bins: expected an integer from 1 to 10000, found a list'],
    [
      { normalize: 'valid-bin' },
      '--normalize: expected valid-bins or all-bins, found "valid-bin"; did you mean valid-bins?',
    ],
    [{ normalize: 3 }, '--normalize: expected valid-bins or all-bins, found 3'],
    [
      { labelFormat: 'indx' },
      '--label-format: expected auto, binary, index or soft, found "indx"; did you mean index?',
    ],
    [{ labelBase: 2 }, '--label-base: expected 0 or 1, found 2'],
    [{ maxWeight: 0 }, '--max-weight: expected a finite number above 0, found 0'],
    [{ maxWeight: Number.POSITIVE_INFINITY }, '--max-weight: expected a finite number above 0, found Infinity'],
    [{ engine: 'treads' }, '--engine: expected threads, tfjs or tfjs-node, found "treads"; did you mean threads?'],
    [{ threads: 0 }, '--threads: expected an integer from 1 to 1024, found 0'],
    [{ threads: 1025 }, '--threads: expected an integer from 1 to 1024, found 1025'],
    [{ ignoreLabel: 2 ** 31 }, '--ignore-label: expected an integer from -2147483648 to 2147483647, found 2147483648'],
    [
      { outputDtype: 'float64' },
      '--output-dtype: expected float32, float16 or code, found "float64"; did you mean float32?',
    ],
    [{ format: 'arrow', keep: ['a', ''] }, '--keep: expected names of columns, found an empty text'],
    [{ keep: 'a' }, '--keep: a file of npy has no columns; expected --format parquet or --format arrow'],
    [{ format: 'nz' }, '--format: expected npy, npz, safetensors, parquet or arrow, found "nz"; did you mean npz?'],
    [{ nonFinite: 'skip' }, '--non-finite: expected error or ignore, found "skip"'],
    [{ force: 'yes' }, '--force: expected true or false, found "yes"'],
    [{ out: '' }, '--out: expected the folder to write into, found an empty text'],
    [{ out: undefined }, '--out: expected the folder to write into, found nothing'],
    [{ out: 'a\0b' }, '--out: expected the folder to write into without a zero byte, found "a\\u0000b"'],
    [
      { logits: [] },
      "--logits: expected at least one file or quoted glob, such as 'dumps/*.logits.npy', found an empty list",
    ],
    [
      { labels: undefined },
      "--labels: expected at least one file or quoted glob, such as 'dumps/*.labels.npy', found nothing",
    ],
    [
      { labelWeights: ['w.npy', ''] },
      "--label-weights: expected at least one file or quoted glob, such as 'dumps/*.label_weights.npy', found an empty text",
    ],
    [{ signal: 'stop' }, 'option signal: expected an AbortSignal, found "stop"'],
    [{ onProgress: {} }, 'option onProgress: expected a function, found a value of type object'],
    [{ bin: 30 }, 'reweight has no option "bin"; did you mean bins?'],
    [{ momenta: 0.9 }, 'reweight has no option "momenta"; did you mean momentum?'],
    [
      { labelFormat: 'binary', backgroundLabel: 0 },
      '--background-label is for class indices, and --label-format binary has none: drop one of them',
    ],
    [
      { labelFormat: 'binary', labelBase: 1 },
      '--label-base is for class indices, and --label-format binary has none: drop one of them',
    ],
  ])('refuses %j', (extra, message) => {
    expect(refused(extra)).toBe(message);
  });

  it('refuses what is no object', () => {
    expect(refusal(() => validateReweight(undefined))).toBe('reweight: expected an object of options, found nothing');
    expect(refusal(() => validateReweight(['x']))).toBe('reweight: expected an object of options, found a list');
  });

  it('does not show more of a value than a line', () => {
    expect(refused({ bins: 'x'.repeat(1000) }).length).toBeLessThan(150);
  });
});

describe('the other commands', () => {
  it('histogram has bins and a file, and no weights', () => {
    const options = validateHistogram({ ...STREAM, out: 'p.ghm', threads: 1 });
    expect(options).toMatchObject({ bins: 30, out: 'p.ghm', force: false, threads: 1 });
    expect(refusal(() => validateHistogram({ ...STREAM, out: 'p.ghm', maxWeight: 3 }))).toBe(
      'histogram has no option "maxWeight"',
    );
    expect(refusal(() => validateHistogram(STREAM))).toBe('--out: expected the file to write, found nothing');
  });

  it('merge needs partials', () => {
    expect(validateMerge({ partials: ['a', 'b'], out: 'c' })).toEqual({ partials: ['a', 'b'], out: 'c', force: false });
    expect(refusal(() => validateMerge({ partials: [], out: 'c' }))).toBe(
      'partials: expected at least one file, folder or quoted glob, found an empty list',
    );
  });

  it('apply keeps apart what was asked for from what the density says', () => {
    const options = validateApply({ ...REWEIGHT, density: 'd.json', normalize: 'all-bins' });
    expect(options).toMatchObject({ density: 'd.json', normalize: 'all-bins' });
    expect(options.bins).toBeUndefined();
    expect(options.maxWeight).toBeUndefined();
    expect(refusal(() => validateApply(REWEIGHT))).toBe(
      '--density: expected the file of a partial or a density.json, found nothing',
    );
  });

  it('demo needs nothing', () => {
    expect(validateDemo({})).toMatchObject({ out: undefined, force: false });
  });

  it('inspect needs files', () => {
    expect(validateInspect('a.npy')).toEqual(['a.npy']);
    expect(refusal(() => validateInspect(undefined))).toBe(
      'files: expected at least one file or quoted glob, found nothing',
    );
  });
});
