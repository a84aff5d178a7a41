import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Progress, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { treeOf } from '../run/folder-tree.ts';
import { npy } from '../run/npy-data.ts';
import { streamOf } from './stream.ts';

describe('onProgress', () => {
  it('never goes back, ends at the total of each pass, count before weigh', async () => {
    const { options } = streamOf(400_000);
    const seen: Progress[] = [];
    await reweightInShards({ ...options, threads: 2, onProgress: (progress) => seen.push(progress) }, 500);
    const passes = [...new Set(seen.map(({ pass }) => pass))];
    expect(passes).toEqual(['count', 'weigh']);
    for (const pass of passes) {
      const own = seen.filter((progress) => progress.pass === pass);
      expect(own.at(-1)).toMatchObject({ done: 1_600_000, total: 1_600_000 });
      own.forEach((progress, i) => {
        expect(progress.total).toBe(1_600_000);
        expect(progress.done).toBeGreaterThanOrEqual(own[i - 1]?.done ?? 0);
        expect(progress.elapsed).toBeGreaterThanOrEqual(own[i - 1]?.elapsed ?? 0);
      });
    }
    expect(seen.findLastIndex(({ pass }) => pass === 'count')).toBeLessThan(
      seen.findIndex(({ pass }) => pass === 'weigh'),
    );
  });

  it('that throws fails the run, with nothing left', async () => {
    const { folder, options } = streamOf(1000);
    const before = treeOf(folder);
    const onProgress = () => {
      throw new Error('from the caller');
    };
    await expect(reweight({ ...options, onProgress })).rejects.toThrow('from the caller');
    expect(treeOf(folder)).toEqual(before);
  });
});

describe('onWarning', () => {
  it('is told what the summary tells', async () => {
    const { at, options } = streamOf(3);
    writeFileSync(at('x.npy'), npy('float64', [3, 4], new Array(12).fill(-1)));
    const warnings: string[] = [];
    const summary = await reweight({ ...options, onWarning: (message) => warnings.push(message) });
    expect(warnings).toEqual(['1 file of float64 logits is rounded to float32']);
    expect(summary.warnings).toEqual(warnings);
  });

  it('that throws fails the run, with nothing left', async () => {
    const { at, folder, options } = streamOf(3);
    writeFileSync(at('x.npy'), npy('float64', [3, 4], new Array(12).fill(-1)));
    const before = treeOf(folder);
    const onWarning = () => {
      throw new Error('from the caller');
    };
    await expect(reweight({ ...options, onWarning })).rejects.toThrow('from the caller');
    expect(treeOf(folder)).toEqual(before);
  });
});
