import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { lastingOutputs } from './folder-tree.ts';
import { naive } from './naive.ts';
import { readFloats } from './npy-data.ts';
import { randomStream, writeStream } from './random-parts.ts';

const THREADS = [1, 2, 3, 8];

it('outputs equal the definition, and are equal bytes for any threads, memory and shard size', async () => {
  const circumstances = fc.record({
    threads: fc.constantFrom(...THREADS),
    memory: fc.constantFrom('16MiB', '256MiB'),
    shardSamples: fc.integer({ min: 1, max: 500 }),
  });
  await fc.assert(
    fc.asyncProperty(randomStream, circumstances, async (stream, { shardSamples, ...run }) => {
      const { folder, options, naive: parts } = writeStream(stream);
      const expected = naive(parts, stream);
      fc.pre(expected.total > 0);
      const given = { ...options, bins: stream.bins };
      const plain = join(folder, 'plain');
      const summary = await reweight({ ...given, out: plain, threads: 1 });

      const { density } = summary;
      expect(density.counts).toEqual(expected.counts);
      expect(density.total).toBe(expected.total);
      expect(density.ignored).toBe(expected.ignored);
      expect(density.beta).toEqual(expected.beta);
      expected.weights.forEach((weights, i) => {
        expect(readFloats(join(plain, `part${i}.logits.beta.npy`)).values).toEqual(weights);
      });

      const other = join(folder, 'other');
      await reweightInShards({ ...given, ...run, out: other }, shardSamples);
      expect(lastingOutputs(other)).toEqual(lastingOutputs(plain));
    }),
    { numRuns: 20 },
  );
});

it.each(THREADS)('losses too are the same bits with %i threads and small shards', async (threads) => {
  const stream = {
    parts: fc.sample(randomStream, { numRuns: 3, seed: 7 }).flatMap(({ parts }) => parts),
    labelBase: 0,
    bins: 30,
    nan: true,
  } as const;
  const { folder, options } = writeStream({ ...stream, parts: [...stream.parts] });
  await reweight({ ...options, out: join(folder, 'plain') });
  await reweightInShards({ ...options, out: join(folder, 'shards'), threads, memory: '32MiB' }, 64);
  expect(lastingOutputs(join(folder, 'shards'))).toEqual(lastingOutputs(join(folder, 'plain')));
});
