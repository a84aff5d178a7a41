import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { NPY_DTYPES, type NpyDtype } from '../../src/sources/npy/descr.ts';
import { INTEGER_DTYPES } from '../../src/sources/source.ts';
import { folderOf } from '../sources/npy-files.ts';
import { naive } from './naive.ts';
import { npy, readFloats } from './npy-data.ts';

/** Margins far apart, so that every sample of 3 x 3 has a region of its own under most labels. */
const LOGITS = [-4, -3, -2, -1.1, -0.3, 0.4, 1.5, 2.5, 3.5];

interface Case {
  readonly logits?: readonly [NpyDtype, readonly number[]];
  readonly labels: readonly [NpyDtype, readonly number[], readonly number[]];
  readonly weights?: readonly [NpyDtype, readonly number[], readonly number[]];
  /** Of the nine samples. */
  readonly codes: readonly number[];
}

/** One run over all cases, each in both byte orders: every sample has the weight that its code asks for. */
async function expectCodes(cases: readonly Case[], options: Partial<ReweightOptions> = {}): Promise<void> {
  const both = cases.flatMap((one) => [false, true].map((bigEndian) => ({ ...one, bigEndian })));
  const files = both.map(({ logits = ['float32', [3, 3]] as const, labels, weights, bigEndian }, i) => {
    const form = { bigEndian, version: bigEndian ? 2 : 1 } as const;
    return {
      [`${i}.x.npy`]: npy(...logits, LOGITS, form),
      [`${i}.y.npy`]: npy(...labels, form),
      ...(weights && { [`${i}.w.npy`]: npy(...weights, form) }),
    };
  });
  const folder = folderOf(Object.assign({}, ...files));
  const at = (name: string): string => join(folder, name);
  const labelWeights = cases.some(({ weights }) => weights) ? { labelWeights: at('*.w.npy') } : {};
  const given = { logits: at('*.x.npy'), labels: at('*.y.npy'), ...labelWeights };
  const { density } = await reweight({ ...given, bins: 10, threads: 1, out: at('out'), ...options });
  const expected = naive(
    both.map(({ codes }) => ({ logits: LOGITS.map(Math.fround), codes })),
    { bins: 10 },
  );
  expect(density.counts).toEqual(expected.counts);
  expect(density.ignored).toBe(expected.ignored);
  both.forEach(({ logits = ['float32', [3, 3]] as const, labels, weights }, i) => {
    const beta = readFloats(at(`out/${i}.x.beta.npy`));
    expect(beta.values, `labels ${labels[0]}, weights ${weights?.[0]}`).toEqual(expected.weights[i]);
    expect(beta.shape).toEqual(logits[1]);
  });
}

const ONE_HOT = [0, 1, 0, 0, 0, 0, 1, 0, 0];

describe('labels of every dtype', () => {
  it('one target a sample', () =>
    expectCodes(NPY_DTYPES.map((dtype) => ({ labels: [dtype, [3, 3], ONE_HOT], codes: ONE_HOT }))));

  it('one class index a row', () =>
    expectCodes(INTEGER_DTYPES.map((dtype) => ({ labels: [dtype, [3], [1, 3, 0]], codes: ONE_HOT }))));

  it('with ignored targets', () => {
    const signed = ['int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64'] as const;
    const codes = [0, 1, 2, 0, 0, 0, 1, 2, 0];
    return expectCodes(
      signed.map((dtype) => ({ labels: [dtype, [3, 3], codes.map((code) => (code === 2 ? -1 : code))], codes })),
    );
  });

  it('with 255 ignored', () => {
    const dtypes = ['uint8', 'uint16', 'uint32', 'uint64'] as const;
    const cases = dtypes.map(
      (dtype): Case => ({ labels: [dtype, [3], [1, 255, 0]], codes: [0, 1, 0, 2, 2, 2, 1, 0, 0] }),
    );
    return expectCodes(cases, { ignoreLabel: 255 });
  });
});

describe('label options', () => {
  it('base 1: background 0, classes from 1', () =>
    expectCodes([{ labels: ['int32', [3], [2, 0, 1]], codes: ONE_HOT }], { labelBase: 1 }));

  it('base 1 with a background and an ignored label of its own', () =>
    expectCodes([{ labels: ['int16', [3], [2, 99, 0]], codes: [0, 1, 0, 0, 0, 0, 2, 2, 2] }], {
      labelBase: 1,
      backgroundLabel: 99,
      ignoreLabel: 0,
    }));

  it('a background label, and -1 no longer ignored but background', () =>
    expectCodes([{ labels: ['int64', [3, 1], [1, -1, 0]], codes: ONE_HOT }], { backgroundLabel: -1, ignoreLabel: -2 }));

  it('the far ends of the label options', () =>
    expectCodes([{ labels: ['int64', [3], [1, -(2 ** 31), 2 ** 31 - 1]], codes: [0, 1, 0, 0, 0, 0, 2, 2, 2] }], {
      backgroundLabel: -(2 ** 31),
      ignoreLabel: 2 ** 31 - 1,
    }));

  it('binary labels of which 0 is ignored', () =>
    expectCodes([{ labels: ['uint8', [3, 3], ONE_HOT], codes: ONE_HOT.map((label) => label || 2) }], {
      ignoreLabel: 0,
    }));

  it('one logit a row with one label a row: binary or index as asked for, opposite', async () => {
    const labels = ['int8', [9], [0, 1, 0, 0, 1, 0, 1, 0, -1]] as const;
    const codes = [0, 1, 0, 0, 1, 0, 1, 0, 2];
    const column: Case = { logits: ['float64', [9, 1]], labels, codes };
    await expectCodes([column], { labelFormat: 'binary' });
    await expectCodes([{ ...column, codes: codes.map((code) => [1, 0, 2][code]) }], { labelFormat: 'index' });
    await expectCodes([
      { logits: ['float32', [9]], labels, codes },
      { logits: ['float32', [9, 1]], labels: ['int8', [9, 1], labels[2]], codes },
    ]);
  });
});

describe('label weights', () => {
  it('of every dtype, one a row, [N] and [N, 1], with indices and targets', () =>
    expectCodes(
      NPY_DTYPES.flatMap((dtype): Case[] => {
        const weights = [1, 0, dtype === 'bool' ? 1 : 2];
        const codes = [0, 1, 0, 2, 2, 2, 1, 0, 0];
        return [
          { labels: ['int64', [3], [1, 3, 0]], weights: [dtype, [3], weights], codes },
          { labels: ['bool', [3, 3], ONE_HOT], weights: [dtype, [3, 1], weights], codes },
        ];
      }),
    ));

  it('of every dtype, one a sample, with indices and targets', () =>
    expectCodes(
      NPY_DTYPES.flatMap((dtype): Case[] => {
        const weights = [dtype, [3, 3], [1, 1, 0, 1, 0, 0, 1, 1, 1]] as const;
        const codes = [0, 1, 2, 0, 2, 2, 1, 0, 0];
        return [
          { labels: ['int64', [3], [1, 3, 0]], weights, codes },
          { labels: ['uint8', [3, 3], ONE_HOT], weights, codes },
        ];
      }),
    ));

  it('small, infinite and negative ones: above 0 is valid', () => {
    const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
    const weights = [1e-300, POSITIVE_INFINITY, -1, -0, 0, 1, 1, 1, NEGATIVE_INFINITY];
    const codes = [0, 1, 2, 2, 2, 0, 1, 0, 2];
    return expectCodes([{ labels: ['uint8', [3, 3], ONE_HOT], weights: ['float64', [3, 3], weights], codes }]);
  });
});
