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
    { numRuns: 12 },
  );
});

it('many chunks and shards: the same bits, losses too', async () => {
  const [one] = fc.sample(randomStream, { numRuns: 1, seed: 7 }).flatMap(({ parts }) => parts);
  const parts = (['binary', 'index'] as const).flatMap((targets, i) =>
    (['none', 'element'] as const).map((weights, j) => {
      // the first part says whether all have weights
      const kind = { rows: 15_001 + i, classes: 3, targets, weights: i + j === 0 ? 'row' : weights } as const;
      return { ...one, ...kind, logits: 'float32', labels: 'int32', seed: 2 * i + j } as const;
    }),
  );
  const { folder, options, naive: expected } = writeStream({ parts, labelBase: 0, bins: 30, nan: true });
  const plain = join(folder, 'plain');
  const { density } = await reweight({ ...options, out: plain, threads: 1 });
  expect(density.counts).toEqual(naive(expected).counts);
  for (const threads of THREADS) {
    const out = join(folder, `threads${threads}`);
    const { warnings } = await reweightInShards({ ...options, out, threads, memory: '8MiB' }, 7000);
    expect(warnings.length).toBe(threads > 1 ? 1 : 0);
    expect(lastingOutputs(out)).toEqual(lastingOutputs(plain));
  }
});
