import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reweight } from '../../src/index.ts';
import { hasRealData, REAL } from '../real-data.ts';
import { folderOf } from '../sources/npy-files.ts';
import { readFloats } from './npy-data.ts';

// The whole test split that the shipped sample comes from, in float32, with golden values of two independent programs.
// It does not ship: see test/real-data.ts.

/** A loss comes from lines over the cells. */
const LOSS = 1e-5;

interface GoldenBatch {
  readonly tot: number;
  readonly n: number;
  readonly counts: number[];
  readonly beta: number[];
  readonly loss: number;
  readonly mean_weight: number;
}
interface GoldenLevel {
  readonly tot: number;
  readonly n: number;
  readonly counts: number[];
  readonly loss: number;
}

describe.runIf(hasRealData).each([10, 30])('golden values of %i bins', (bins) => {
  const at = (name: string): string => join(REAL, name);
  const input = { logits: at('logits.npy'), labels: at('labels.npy'), labelWeights: at('label_weights.npy'), bins };
  const golden = () => JSON.parse(readFileSync(at('golden.json'), 'utf8')).splits.test;
  const near = (found: number | null | undefined, expected: number, tolerance: number): void =>
    expect(Math.abs(Number(found) - expected), `${found}, expected ${expected}`).toBeLessThanOrEqual(
      tolerance * Math.abs(expected),
    );

  it('batches of four images with momentum 0.75', async () => {
    const out = join(folderOf(), 'out');
    const columns = { image_id: at('image_id.npy') };
    const given = { batch: 'column:image_id', batchSize: 4, momentum: 0.75, columns };
    const { density } = await reweight({ ...input, ...given, out });
    const batches: GoldenBatch[] = golden()[`ghmc_bins${bins}_momentum0.75`].batches;
    expect(density.batches?.total).toEqual(batches.map(({ tot }) => tot));
    expect(density.batches?.validBins).toEqual(batches.map(({ n }) => n));
    for (const [b, { loss, mean_weight }] of batches.entries()) {
      near(density.batches?.loss.ghmc?.[b], loss, LOSS);
      near(density.batches?.meanWeight[b], mean_weight, 1e-6);
    }
    // the weights of a batch are those of its regions, each as often as it was counted
    const { values } = readFloats(join(out, 'logits.beta.npy'));
    for (const [b, { counts, beta }] of batches.entries()) {
      const found = new Map<number, number>();
      const begin = b * 4 * 9180 * 3;
      for (const weight of values.slice(begin, begin + 4 * 9180 * 3)) found.set(weight, (found.get(weight) ?? 0) + 1);
      found.delete(0);
      const expected = new Map<number, number>();
      for (const [j, weight] of beta.entries()) expected.set(weight, (expected.get(weight) ?? 0) + counts[j]);
      const sorted = (weights: Map<number, number>) => [...weights].sort(([a], [c]) => a - c);
      const [left, right] = [sorted(found), sorted(expected)];
      // regions of one count may share a weight
      expect(left.reduce((sum, [, count]) => sum + count, 0)).toBe(right.reduce((sum, [, count]) => sum + count, 0));
      for (const [weight] of right) {
        const nearest = Math.min(...left.map(([other]) => Math.abs(other / weight - 1)));
        expect(nearest).toBeLessThan(1e-6);
      }
    }
  });

  it('groups by level', async () => {
    const out = join(folderOf(), 'out');
    const { density } = await reweight({ ...input, group: 'level', columns: { level: at('level.npy') }, out });
    const levels: GoldenLevel[] = golden()[`per_level_ghmc_bins${bins}`];
    expect(density.groups?.counts).toEqual(levels.map(({ counts }) => counts));
    expect(density.groups?.total).toEqual(levels.map(({ tot }) => tot));
    const weighted = levels.reduce((sum, { tot, loss }) => sum + tot * loss, 0);
    const mean = weighted / levels.reduce((sum, { tot }) => sum + tot, 0);
    // the golden losses are sums of float32 weights
    const bound = Number(density.lossErrorBound?.ghmc);
    expect(Math.abs(Number(density.loss.ghmc) - mean)).toBeLessThan(bound + 1e-7);
    expect(bound).toBeLessThan(1e-4);
    for (const [i, { counts, tot, n, loss }] of levels.entries()) {
      near(density.groups?.loss.ghmc?.[i], loss, LOSS);
      for (const [j, count] of counts.entries()) {
        near(density.groups?.beta[i][j], count === 0 ? 0 : tot / count / n, 1e-12);
      }
    }
  });
});
