import { expect, it } from 'vitest';
import { validateHistogram, validateReweight, validateShardApply } from '../../src/options/validate.ts';
import { passOptions } from '../../src/run/pass-options.ts';

it.each([
  { bins: 12, maxWeight: 9, meanOne: true, normalize: 'all-bins', focalGamma: 3 },
  { density: 'window', epsilon: 0.2, windowBits: 22, outputDtype: 'float16' },
  { batch: 'column:image', batchSize: 4, momentum: 0.7, biasCorrection: true, columns: { image: 'i.npy' } },
  { group: 'class', format: 'parquet', keep: ['id'], nonFinite: 'ignore' },
])('%j is asked of both passes, and survives JSON', (options) => {
  const complete = validateReweight({ logits: 'x.npy', labels: 'y.npy', out: 'o', ...options });
  const { count, weigh } = JSON.parse(JSON.stringify(passOptions(complete)));
  const { density, bins, windowBits, ...rest } = complete;
  const same = (given: object, keys: readonly string[]) =>
    Object.fromEntries(Object.entries(given).filter(([key]) => keys.includes(key)));
  const counted = validateHistogram({ ...count, out: 'c.ghm' });
  const stream = Object.keys(complete).filter(
    (key) => key in counted && !['out', 'onProgress', 'onWarning'].includes(key),
  );
  expect(same(counted, stream)).toEqual(same(complete, stream));
  const weighed = validateShardApply({ ...weigh, density: 'all.ghm', shard: '1/2', out: 'w' });
  const keys = Object.keys(rest).filter((key) => !['out', 'onProgress', 'onWarning'].includes(key));
  // a partial knows its regions
  expect({ ...same(weighed, keys), method: weighed.method, bins: weighed.bins }).toEqual({
    ...same(rest, keys),
    method: density,
    bins: undefined,
  });
});
