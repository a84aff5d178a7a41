import { describe, expect, it } from 'vitest';
import { apply, histogram, type Progress, type ReweightOptions, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { treeOf } from '../run/folder-tree.ts';
import { failure } from '../run/small-place.ts';
import { hurry, standStill } from '../run/step-time.ts';
import { streamOf } from './stream.ts';

const INTERRUPTED = { name: 'GhmError', exitCode: 130, message: 'interrupted: nothing was written' };

describe('an AbortSignal', () => {
  it('that is aborted already: every function rejects and leaves nothing', async () => {
    const { folder, at, options } = streamOf(1000);
    await histogram({ ...options, out: at('p.ghm') });
    const before = treeOf(folder);
    const signal = AbortSignal.abort();
    await expect(reweight({ ...options, signal })).rejects.toMatchObject(INTERRUPTED);
    await expect(histogram({ ...options, signal })).rejects.toMatchObject(INTERRUPTED);
    await expect(apply({ ...options, density: at('p.ghm'), signal })).rejects.toMatchObject(INTERRUPTED);
    expect(treeOf(folder)).toEqual(before);
  });

  /** Aborts at the first progress report that `when` picks. */
  async function abortedWhen(when: (progress: Progress) => boolean, given: Partial<ReweightOptions> = {}) {
    const { folder, options } = streamOf(100_000);
    const before = treeOf(folder);
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      if (when(progress)) controller.abort();
    };
    const run = reweightInShards({ ...options, ...given, threads: 2, signal: controller.signal, onProgress }, 5000);
    const outcome = await run.then(
      () => 'finished',
      (error) => error,
    );
    return { outcome, left: treeOf(folder), before, folder, options };
  }

  it('during or right after the counting', async () => {
    standStill();
    const { outcome, left, before } = await abortedWhen(({ pass }) => pass === 'count');
    expect(outcome).toMatchObject(INTERRUPTED);
    expect(left).toEqual(before);
  });

  /** Aborts when the first samples are weighed. */
  async function abortedWeighing() {
    const { at, folder, options } = streamOf(1_000_000);
    const before = treeOf(folder);
    const controller = new AbortController();
    const onProgress = ({ pass }: Progress) => {
      if (pass === 'weigh') controller.abort();
    };
    const run = reweightInShards({ ...options, threads: 2, signal: controller.signal, onProgress }, 400);
    const { exitCode, message } = await failure(run);
    return { at, folder, options, before, exitCode, message };
  }

  it('during the weighing', async () => {
    standStill();
    const { folder, before, exitCode, message } = await abortedWeighing();
    expect([exitCode, message]).toEqual([130, INTERRUPTED.message]);
    expect(treeOf(folder)).toEqual(before);
  });

  it('during the weighing of a run of more than a second: what it has done is kept', async () => {
    hurry();
    const { at, options, exitCode, message } = await abortedWeighing();
    expect([exitCode, message]).toEqual([130, 'interrupted; the same command with --resume goes on from there']);
    await reweightInShards({ ...options, resume: true }, 400);
    expect(Object.keys(treeOf(at('out')))).toHaveLength(4);
  });

  it('after everything is done changes nothing', async () => {
    const { at, options } = streamOf(100);
    const controller = new AbortController();
    const { samples } = await reweight({ ...options, signal: controller.signal });
    controller.abort();
    expect(samples).toBe(400);
    expect(Object.keys(treeOf(at('out')))).toHaveLength(4);
  });

  it('ends one of two runs, and the other goes on', async () => {
    const one = streamOf(100_000);
    const other = streamOf(1000);
    const controller = new AbortController();
    const runs = [reweight({ ...one.options, signal: controller.signal }), reweight(other.options)];
    controller.abort();
    const [first, second] = await Promise.allSettled(runs);
    expect(first).toMatchObject({ status: 'rejected', reason: INTERRUPTED });
    expect(second).toMatchObject({ status: 'fulfilled', value: { samples: 4000 } });
  });
});
