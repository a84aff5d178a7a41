import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { histogram, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { lastingOutputs } from './folder-tree.ts';
import { reweightInSteps } from './in-shards.ts';
import { npy } from './npy-data.ts';
import { failure, place } from './small-place.ts';

it('more shards than rows leave some empty, and those that hold ignored samples alone add nothing', async () => {
  const folder = folderOf({
    'in/x.npy': npy('float32', [3, 2], [-3, -2, -1, 1, 2, 3]),
    'in/y.npy': npy('int64', [3], [2, -1, 1]),
  });
  const at = (name: string): string => join(folder, name);
  const input = { logits: at('in/x.npy'), labels: at('in/y.npy'), threads: 1 };
  await reweight({ ...input, out: at('whole') });
  await reweightInSteps({ ...input, out: '' }, 5, folder);
  expect(lastingOutputs(at('weights'))).toEqual(lastingOutputs(at('whole')));
  const totals = Array.from({ length: 5 }, (_, i) => JSON.parse(readFileSync(at(`counts/${i + 1}.ghm`), 'utf8')));
  expect(totals.map(({ total, ignored }) => [total, ignored]).filter(([a, b]) => a + b > 0)).toEqual([
    [2, 0],
    [0, 2],
    [2, 0],
  ]);
  expect(readdirSync(at('weights')).sort()).toEqual(['density.json', 'report.html', 'summary.json', 'x.beta.npy']);
});

it.each(['0/3', '4/3', '3', '1/0', '1/1000001', '-1/2', '1.5/2', ' 1/2'])('--shard %s is refused', async (shard) => {
  const { at, input } = place();
  expect(await failure(histogram({ ...input, shard, out: at('p.ghm') }))).toEqual({
    exitCode: 2,
    message: `--shard: expected i/n, shard i of n with i from 1 to n and n up to 1000000, such as 3/8, found "${shard}"`,
  });
});
