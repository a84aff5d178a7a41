import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { DTYPES, type Dtype, INTEGER_DTYPES } from '../../src/sources/source.ts';
import { folderOf } from '../sources/npy-files.ts';
import { naive } from './naive.ts';
import { npy, readFloats } from './npy-data.ts';

/** Margins far apart, so that every sample of 3 x 3 has a region of its own under most labels. */
const LOGITS = [-4, -3, -2, -1.1, -0.3, 0.4, 1.5, 2.5, 3.5];

interface Case {
  readonly logits?: readonly [Dtype, readonly number[]];
  readonly labels: readonly [Dtype, readonly number[], readonly number[]];
  readonly weights?: readonly [Dtype, readonly number[], readonly number[]];
  readonly options?: Partial<ReweightOptions>;
  /** Of the nine samples. */
  readonly codes: readonly number[];
}

async function expectCodes({ logits = ['float32', [3, 3]], labels, weights, options, codes }: Case): Promise<void> {
  for (const bigEndian of [false, true]) {
    const form = { bigEndian, version: bigEndian ? 2 : 1 } as const;
    const folder = folderOf({
      'x.npy': npy(...logits, LOGITS, form),
      'y.npy': npy(...labels, form),
      ...(weights && { 'w.npy': npy(...weights, form) }),
    });
    const out = join(folder, 'out');
    const at = (name: string): string => join(folder, name);
    const given = { logits: at('x.npy'), labels: at('y.npy'), ...(weights && { labelWeights: at('w.npy') }) };
    const { density } = await reweight({ ...given, bins: 10, threads: 1, out, ...options });
    const expected = naive([{ logits: LOGITS.map(Math.fround), codes }], { bins: 10 });
    expect(density.counts).toEqual(expected.counts);
    expect(density.ignored).toBe(expected.ignored);
    const beta = readFloats(at('out/x.beta.npy'));
    expect(beta.values).toEqual(expected.weights[0]);
    expect(beta.shape).toEqual(logits[1]);
  }
}

const ONE_HOT = [0, 1, 0, 0, 0, 0, 1, 0, 0];

describe('labels of every dtype', () => {
  it.each(DTYPES)('%s, one target a sample', (dtype) =>
    expectCodes({ labels: [dtype, [3, 3], ONE_HOT], codes: ONE_HOT }),
  );

  it.each(INTEGER_DTYPES)('%s, one class index a row', (dtype) =>
    expectCodes({ labels: [dtype, [3], [1, 3, 0]], codes: ONE_HOT }),
  );

  it.each(['int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64'] as const)(
    '%s with ignored ones',
    (dtype) =>
      expectCodes({ labels: [dtype, [3, 3], [0, 1, -1, 0, 0, 0, 1, -1, 0]], codes: [0, 1, 2, 0, 0, 0, 1, 2, 0] }),
  );

  it.each(['uint8', 'uint16', 'uint32', 'uint64'] as const)('%s with 255 ignored', (dtype) =>
    expectCodes({
      labels: [dtype, [3], [1, 255, 0]],
      options: { ignoreLabel: 255 },
      codes: [0, 1, 0, 2, 2, 2, 1, 0, 0],
    }),
  );
});

describe('label options', () => {
  it('base 1: background 0, classes from 1', () =>
    expectCodes({ labels: ['int32', [3], [2, 0, 1]], options: { labelBase: 1 }, codes: ONE_HOT }));

  it('base 1 with a background and an ignored label of its own', () =>
    expectCodes({
      labels: ['int16', [3], [2, 99, 0]],
      options: { labelBase: 1, backgroundLabel: 99, ignoreLabel: 0 },
      codes: [0, 1, 0, 0, 0, 0, 2, 2, 2],
    }));

  it('a background label, and -1 no longer ignored but background', () =>
    expectCodes({
      labels: ['int64', [3, 1], [1, -1, 0]],
      options: { backgroundLabel: -1, ignoreLabel: -2 },
      codes: ONE_HOT,
    }));

  it('the far ends of the label options', () =>
    expectCodes({
      labels: ['int64', [3], [1, -(2 ** 31), 2 ** 31 - 1]],
      options: { backgroundLabel: -(2 ** 31), ignoreLabel: 2 ** 31 - 1 },
      codes: [0, 1, 0, 0, 0, 0, 2, 2, 2],
    }));

  it('binary labels of which 0 is ignored', () =>
    expectCodes({
      labels: ['uint8', [3, 3], ONE_HOT],
      options: { ignoreLabel: 0 },
      codes: ONE_HOT.map((label) => (label === 0 ? 2 : label)),
    }));

  it('one logit a row with one label a row: binary or index as asked for, opposite', async () => {
    const labels = ['int8', [9], [0, 1, 0, 0, 1, 0, 1, 0, -1]] as const;
    const codes = [0, 1, 0, 0, 1, 0, 1, 0, 2];
    const logits = ['float64', [9, 1]] as const;
    await expectCodes({ logits, labels, options: { labelFormat: 'binary' }, codes });
    const opposite = codes.map((code) => [1, 0, 2][code]);
    await expectCodes({ logits, labels, options: { labelFormat: 'index' }, codes: opposite });
    await expectCodes({ logits: ['float32', [9]], labels, codes });
    await expectCodes({ logits, labels: ['int8', [9, 1], labels[2]], codes });
  });
});

describe('label weights', () => {
  const perRow = [1, 0, 2];
  const codes = [0, 1, 0, 2, 2, 2, 1, 0, 0];
  it.each(DTYPES)('%s: one a row, [N] and [N, 1], with indices and targets', async (dtype) => {
    const weights = [dtype, [3], dtype === 'bool' ? [1, 0, 1] : perRow] as const;
    await expectCodes({ labels: ['int64', [3], [1, 3, 0]], weights, codes });
    await expectCodes({ labels: ['bool', [3, 3], ONE_HOT], weights: [dtype, [3, 1], weights[2]], codes });
  });

  it.each(DTYPES)('%s: one a sample, with indices and targets', async (dtype) => {
    const weights = [dtype, [3, 3], [1, 1, 0, 1, 0, 0, 1, 1, 1]] as const;
    const masked = [0, 1, 2, 0, 2, 2, 1, 0, 0];
    await expectCodes({ labels: ['int64', [3], [1, 3, 0]], weights, codes: masked });
    await expectCodes({ labels: ['uint8', [3, 3], ONE_HOT], weights, codes: masked });
  });

  it('small, infinite and negative ones: above 0 is valid', () =>
    expectCodes({
      labels: ['uint8', [3, 3], ONE_HOT],
      weights: ['float64', [3, 3], [1e-300, Number.POSITIVE_INFINITY, -1, -0, 0, 1, 1, 1, Number.NEGATIVE_INFINITY]],
      codes: [0, 1, 2, 2, 2, 0, 1, 0, 2],
    }));
});
