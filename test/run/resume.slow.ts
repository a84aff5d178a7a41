import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress, ReweightOptions } from '../../src/index.ts';
import { readCounted } from '../../src/journal/counted-file.ts';
import { readJournal } from '../../src/journal/journal.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { withThreads } from '../engines/thread-deaths.ts';
import { streamOf } from '../library/stream.ts';
import { faultScript } from './faults.ts';
import { lastingOutputs, treeOf } from './folder-tree.ts';
import { failure } from './small-place.ts';
import { hurry } from './step-time.ts';

const ROWS = 200_000;
const SHARD = 20_000;
const SHARDS = (4 * ROWS) / SHARD;

/** A run that is aborted when `when` says so, and what is left of it. */
async function ended(when: (progress: Progress) => boolean, choice: Partial<ReweightOptions> = {}) {
  hurry();
  const { at, folder, options } = streamOf(ROWS);
  const given = { ...options, ...choice, threads: 2 };
  await reweightInShards({ ...given, out: at('calm') }, SHARD);
  const calm = lastingOutputs(at('calm'));
  // reads take their time
  const slow = faultScript(
    'faults.read = () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25); };',
  );
  const controller = new AbortController();
  const onProgress = (progress: Progress) => {
    if (when(progress)) controller.abort();
  };
  const run = withThreads(
    (threads) => ({ ...threads, execArgv: ['--require', slow] }),
    () => reweightInShards({ ...given, onProgress, signal: controller.signal }, SHARD),
  );
  const error = await failure(run);
  return { at, folder, given, calm, error, state: at('out/.ghm-run') };
}

const half = (name: string) => (progress: Progress) =>
  progress.pass === name && progress.done > 0.5 * progress.total && progress.done < progress.total;

const INTERRUPTED = { exitCode: 130, message: 'interrupted; the same command with --resume goes on from there' };

describe('a run that was ended', () => {
  it.each([
    ['count', {}],
    ['weigh', {}],
    ['weigh', { group: 'class', format: 'npz' }],
    ['count', { density: 'window', outputDtype: 'float16' }],
  ] as const)('in its %s pass is gone on with, and reads nothing twice: %j', async (pass, choice) => {
    const { at, given, calm, error, state } = await ended(half(pass), choice);
    expect(error).toEqual(INTERRUPTED);
    const counted = (await readCounted(state, SHARDS, SHARDS))?.done.reduce((sum, one) => sum + one, 0) ?? 0;
    const weighed = readJournal(state)?.weighed.length ?? 0;
    expect(counted).toBeGreaterThan(SHARDS / 4);
    expect(weighed > 0).toBe(pass === 'weigh');

    const script = faultScript(`
      faults.read = (path, _, length) => {
        if (path.endsWith('/x.npy')) fs.appendFileSync(require('node:path').join(__dirname, 'reads'), length + '\\n');
      };`);
    const resumed = withThreads(
      (threads) => ({ ...threads, execArgv: ['--require', script] }),
      () => reweightInShards({ ...given, resume: true, threads: 1, memory: '16MiB' }, SHARD),
    );
    await resumed;
    const reads = readFileSync(join(dirname(script), 'reads'), 'utf8')
      .trim()
      .split('\n')
      .map(Number);
    const bytes = reads.reduce((sum, length) => sum + length, 0);
    expect(bytes).toBe((2 * SHARDS - counted - weighed) * SHARD * 4);
    expect(lastingOutputs(at('out'))).toEqual(calm);
    expect(readdirSync(at('out')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is reported and not touched, or started over with --force', async () => {
    const { at, given, calm, state } = await ended(half('weigh'));
    const before = treeOf(at('out'));
    const started = readJournal(state)?.header.started;
    expect(await failure(reweightInShards(given, SHARD))).toEqual({
      exitCode: 2,
      message:
        `${at('out')}: has a run of ghm reweight that was not finished, of ${started}; add --resume to go on with it, ` +
        'or --force to start over',
    });
    expect(treeOf(at('out'))).toEqual(before);
    await reweightInShards({ ...given, force: true }, SHARD);
    expect(lastingOutputs(at('out'))).toEqual(calm);
  });

  it('is gone on with by the same command alone', async () => {
    const { at, given } = await ended(half('count'));
    const before = treeOf(at('out'));
    const refusal = async (choice: Partial<ReweightOptions>) =>
      failure(reweightInShards({ ...given, resume: true, ...choice }, SHARD));
    const begins = `--resume: the run in ${at('out')} is another one: `;
    const ends = '; give the same command, or --force to start over';
    expect(await refusal({ bins: 10 })).toEqual({
      exitCode: 2,
      message: `${begins}it has --bins 30, here it is 10${ends}`,
    });
    expect(await refusal({ maxWeight: 5 })).toEqual({
      exitCode: 2,
      message: `${begins}it has --max-weight not given, here it is 5${ends}`,
    });
    expect(treeOf(at('out'))).toEqual(before);
    appendFileSync(at('y.npy'), '');
    writeFileSync(at('y.npy'), readFileSync(at('y.npy')));
    expect(await refusal({})).toEqual({
      exitCode: 2,
      message: `${begins}${at('y.npy')} is not the file that it reads, or has changed since${ends}`,
    });
    expect(treeOf(at('out'))).toEqual(before);
  });

  it('with a journal or counts that are torn anywhere', async () => {
    const { at, given, calm, state } = await ended(half('weigh'));
    cpSync(state, at('copy'), { recursive: true });
    for (const file of ['journal', 'counted']) {
      const { length } = readFileSync(join(at('copy'), file));
      for (const cut of [0, 1, Math.floor(length / 3), Math.floor(0.9 * length), length - 1]) {
        rmSync(at('out'), { recursive: true, force: true });
        cpSync(at('copy'), state, { recursive: true });
        truncateSync(join(state, file), cut);
        await reweightInShards({ ...given, resume: true }, SHARD);
        expect(lastingOutputs(at('out'))).toEqual(calm);
      }
    }
  });

  it('with an output that was lost meanwhile is weighed again', async () => {
    const { at, given, calm, state } = await ended(half('weigh'));
    rmSync(join(state, 'x.beta.npy'));
    await reweightInShards({ ...given, resume: true }, SHARD);
    expect(lastingOutputs(at('out'))).toEqual(calm);
  });
});

describe('--resume', () => {
  it('of a run that was finished does nothing, and says so', async () => {
    const { at, options } = streamOf(1000);
    const summary = await reweightInShards(options);
    const before = treeOf(at('out'));
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    expect(await reweightInShards({ ...options, resume: true, onWarning })).toEqual(
      JSON.parse(JSON.stringify(summary)),
    );
    expect(warnings).toEqual([`${at('out')}: this run was finished before, nothing is left to do`]);
    expect(treeOf(at('out'))).toEqual(before);
    const other = await failure(reweightInShards({ ...options, resume: true, bins: 7 }));
    expect(other).toEqual({
      exitCode: 2,
      message: `${at('out/x.beta.npy')} and 3 more exist already; use --force to replace them`,
    });
  });

  it('where nothing was left begins at the beginning', async () => {
    const { at, options } = streamOf(1000);
    await reweightInShards({ ...options, out: at('calm') });
    await reweightInShards({ ...options, resume: true });
    expect(lastingOutputs(at('out'))).toEqual(lastingOutputs(at('calm')));
  });
});

it('two runs into one folder: the second is refused, the first goes on', async () => {
  const { at, options } = streamOf(100_000);
  const first = reweightInShards(options, SHARD);
  let second: Promise<unknown> | undefined;
  const onProgress = () => {
    second ??= failure(reweightInShards({ ...options, force: true }));
  };
  const watched = reweightInShards({ ...options, out: at('other'), onProgress }, SHARD);
  await Promise.all([first.catch(() => undefined), watched]);
  expect(await second).toMatchObject({ exitCode: expect.any(Number) });
  expect(Object.keys(lastingOutputs(at('out')))).toEqual(['density.json', 'x.beta.npy']);
});
