import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apply, histogram, outliers, type Progress, reweight } from '../../src/index.ts';
import { reweightInShards } from '../../src/run/reweight.ts';
import { withThreads } from '../engines/thread-deaths.ts';
import { streamOf } from '../library/stream.ts';
import { faultScript } from './faults.ts';
import { treeOf } from './folder-tree.ts';
import { npy } from './npy-data.ts';
import { failure } from './small-place.ts';
import { hurry } from './step-time.ts';

const ROWS = 60_000;
const SHARD = 20_000;
const CHANGED = 'the file changed during the run; run again when nothing writes to it';

/** A stream with a column of its rows, which `imageOf` says. */
function withColumn(rows: number, imageOf: (row: number) => number) {
  const { at, folder, options } = streamOf(rows);
  const column = Int32Array.from({ length: rows }, (_, row) => imageOf(row));
  writeFileSync(at('image.npy'), npy('int32', [rows], column));
  utimesSync(at('image.npy'), 1e9, 1e9);
  return { at, folder, options: { ...options, columns: { image: at('image.npy') } } };
}

/** Changes the value of the last row of a column, in a file that looks as it did. */
function hideChange(path: string, value: number): void {
  const bytes = readFileSync(path);
  bytes.writeInt32LE(value, bytes.length - 4);
  writeFileSync(path, bytes);
  utimesSync(path, 1e9, 1e9);
}

/** Calls `change` once, when the pass is at its end. */
function atEndOf(pass: Progress['pass'], change: () => void): (progress: Progress) => void {
  let changed = false;
  return (progress) => {
    if (changed || progress.pass !== pass || progress.done < progress.total) return;
    changed = true;
    change();
  };
}

const touched = (path: string) => (): void => {
  utimesSync(path, 2e9, 2e9);
};

describe('a file that changes when it was read for the last time ends the run, which leaves nothing', () => {
  it.each(['x.npy', 'y.npy', 'image.npy'])('reweight: %s', async (name) => {
    const { at, folder, options } = withColumn(ROWS, (row) => Math.floor(row / 1000));
    const before = Object.keys(treeOf(folder));
    const run = reweight({ ...options, group: 'image', onProgress: atEndOf('weigh', touched(at(name))) });
    expect(await failure(run)).toEqual({ exitCode: 3, message: `${at(name)}: ${CHANGED}` });
    expect(Object.keys(treeOf(folder))).toEqual(before);
  });

  it.each(['x.npy', 'y.npy', 'all.ghm'])('apply: %s', async (name) => {
    const { at, folder, options } = streamOf(ROWS);
    await histogram({ ...options, out: at('all.ghm') });
    const before = Object.keys(treeOf(folder));
    const given = { ...options, density: at('all.ghm') };
    const run = apply({ ...given, onProgress: atEndOf('weigh', touched(at(name))) });
    expect(await failure(run)).toEqual({ exitCode: 3, message: `${at(name)}: ${CHANGED}` });
    expect(Object.keys(treeOf(folder))).toEqual(before);
  });

  it('apply: one that is replaced by another of its size and time, or taken away', async () => {
    const { at, folder, options } = streamOf(ROWS);
    await histogram({ ...options, out: at('all.ghm') });
    const { atime, mtime } = statSync(at('y.npy'));
    const replace = () => {
      writeFileSync(at('z.npy'), readFileSync(at('y.npy')));
      utimesSync(at('z.npy'), atime, mtime);
      renameSync(at('z.npy'), at('y.npy'));
    };
    const given = { ...options, density: at('all.ghm') };
    const first = await failure(apply({ ...given, onProgress: atEndOf('weigh', replace) }));
    expect(first).toEqual({ exitCode: 3, message: `${at('y.npy')}: ${CHANGED}` });
    const second = await failure(apply({ ...given, onProgress: atEndOf('weigh', () => rmSync(at('y.npy'))) }));
    const gone = 'cannot be opened any more (ENOENT: no such file or directory)';
    expect(second).toEqual({ exitCode: 3, message: `${at('y.npy')}: ${gone}` });
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['all.ghm', 'x.npy']);
  });

  it('histogram, alone and a shard', async () => {
    const { at, folder, options } = streamOf(ROWS);
    const onProgress = atEndOf('count', touched(at('x.npy')));
    const out = at('all.ghm');
    expect((await failure(histogram({ ...options, out, onProgress }))).message).toBe(`${at('x.npy')}: ${CHANGED}`);
    const again = atEndOf('count', touched(at('y.npy')));
    const shard = histogram({ ...options, out, shard: '1/2', onProgress: again });
    expect((await failure(shard)).message).toBe(`${at('y.npy')}: ${CHANGED}`);
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
  });

  it('outliers', async () => {
    const { at, folder, options } = streamOf(ROWS);
    const { logits, labels } = options;
    const onProgress = atEndOf('find', touched(at('x.npy')));
    const run = outliers({ logits, labels, out: at('hard.csv'), onProgress });
    expect(await failure(run)).toEqual({ exitCode: 3, message: `${at('x.npy')}: ${CHANGED}` });
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['x.npy', 'y.npy']);
  });
});

describe('a column that changes and hides it', () => {
  // more than a million runs: it is read again in each pass
  const MANY = 1_100_000;

  it('between the passes is found by its sums', async () => {
    const { at, folder, options } = withColumn(MANY, (row) => row % 3);
    const onProgress = atEndOf('count', () => hideChange(at('image.npy'), 2));
    const { exitCode, message } = await failure(reweightInShards({ ...options, group: 'image', onProgress }));
    expect([exitCode, message.replace(/\d+ to \d+/, '..')]).toEqual([
      3,
      `${at('image.npy')}: rows .. are not what they were when they were counted: the file changed during the run; ` +
        'run again when nothing writes to it',
    ]);
    expect(Object.keys(treeOf(folder)).sort()).toEqual(['image.npy', 'x.npy', 'y.npy']);
  });

  it('to a value that it did not have', async () => {
    for (const value of [1, 9, -9]) {
      const { at, options } = withColumn(MANY, (row) => 2 * (row % 3));
      await histogram({ ...options, group: 'image', out: at('all.ghm') });
      const script = faultScript(`
        let changed = false;
        faults.open = (path) => {
          if (changed || !path.endsWith('image.npy')) return;
          changed = true;
          const bytes = fs.readFileSync(path);
          bytes.writeInt32LE(${value}, bytes.length - 4);
          fs.writeFileSync(path, bytes);
          fs.utimesSync(path, 1e9, 1e9);
        };`);
      const run = withThreads(
        (given) => ({ ...given, execArgv: ['--require', script] }),
        () => apply({ ...options, group: 'image', density: at('all.ghm'), threads: 1 }),
      );
      expect(await failure(run), `${value}`).toEqual({ exitCode: 3, message: `${at('image.npy')}: ${CHANGED}` });
    }
  });

  it.each([{ group: 'image' }, { batch: 'column:image', batchSize: 2, momentum: 0.5 }])(
    'before the run is gone on with is told: %j',
    async (sets) => {
      hurry();
      const { at, options } = withColumn(ROWS, (row) => Math.floor(row / 1000));
      const controller = new AbortController();
      const onProgress = ({ pass }: Progress) => {
        if (pass === 'weigh') controller.abort();
      };
      const given = { ...options, ...sets };
      const run = await failure(reweightInShards({ ...given, onProgress, signal: controller.signal }, SHARD));
      expect(run.message).toBe('interrupted; the same command with --resume goes on from there');
      hideChange(at('image.npy'), 77);
      expect(await failure(reweightInShards({ ...given, resume: true }, SHARD))).toEqual({
        exitCode: 2,
        message:
          `--resume: the run in ${at('out')} is another one: the column of its batches or groups holds other values; ` +
          'give the same command, or --force to start over',
      });
      hideChange(at('image.npy'), 59);
      await reweightInShards({ ...given, resume: true }, SHARD);
    },
  );
});
