import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { doubts } from '../../src/bench/bench.ts';
import { checkExports } from '../../src/bench/exports.ts';
import { benchLayout } from '../../src/bench/layout.ts';
import { completeBench, defaultThreads } from '../../src/bench/options.ts';
import { defaultSamples } from '../../src/bench/size.ts';
import { checkDisk, checkMemory } from '../../src/bench/temporary.ts';
import { REPORT } from './fixed-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'ghm-bench-options-'));
afterAll(() => rmSync(folder, { recursive: true }));
const existing = join(folder, 'there.json');
writeFileSync(existing, '');

describe('completeBench', () => {
  test('fills in what is absent, and freezes it', () => {
    const options = completeBench({}, 4);
    expect(options).toMatchObject({ threads: [1, 2, 3, 4], bins: 30, seed: 0, runs: 5, warmup: 1, dir: tmpdir() });
    expect(Object.isFrozen(options)).toBe(true);
    expect(completeBench({ quick: true }, 4)).toMatchObject({ threads: [1, 2, 4], samples: 25_165_824, runs: 3 });
  });

  test('keeps what is given beside quick; threads ascend; samples are whole blocks', () => {
    const options = completeBench({ quick: true, runs: 9, threads: [4, 1], samples: 10_001 });
    expect(options).toMatchObject({ runs: 9, threads: [1, 4], samples: 10_048 });
    expect(completeBench({ threads: 3 }).threads).toEqual([3]);
  });

  test.each([
    [{ threads: [1, 'x'] }, '--threads: expected numbers of threads from 1 to 1024, such as 1,2,4, found "x"'],
    [{ threads: [0] }, '--threads: expected numbers of threads from 1 to 1024, such as 1,2,4, found 0'],
    [{ threads: [] }, '--threads: expected numbers of threads from 1 to 1024, such as 1,2,4, found an empty list'],
    [{ threads: [2, 2] }, '--threads: expected each number once, found 2,2'],
    [{ samples: 9999 }, '--samples: expected an integer from 10000 to 402653184, found 9999'],
    [{ engine: 'threads' }, '--engine: expected tfjs or tfjs-node, found "threads"'],
    [{ bins: 0 }, '--bins: expected an integer from 1 to 10000, found 0'],
    [{ runs: 0 }, '--runs: expected an integer from 1 to 1000, found 0'],
    [{ warmup: -1 }, '--warmup: expected an integer from 0 to 1000, found -1'],
    [{ seed: 0.5 }, '--seed: expected an integer from 0 to 9007199254740991, found 0.5'],
    [{ quick: 'yes' }, '--quick: expected true or false, found "yes"'],
    [{ dir: '' }, '--dir: expected the folder for temporary files, found an empty text'],
    [{ thread: 2 }, 'bench has no option "thread"; did you mean threads?'],
  ])('%j is refused', (options, message) => {
    expect(() => completeBench(options)).toThrow(message);
  });
});

test('the threads of a machine: each up to 8, then steps, and all cores', () => {
  expect(defaultThreads(1, false)).toEqual([1]);
  expect(defaultThreads(16, false)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 12, 16]);
  expect(defaultThreads(50, false)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 50]);
  expect(defaultThreads(6, true)).toEqual([1, 2, 4, 6]);
});

test('the stream is twice the caches, within bounds, and the same everywhere with quick', () => {
  const MI = 2 ** 20;
  expect(defaultSamples(2, 0, false)).toBe(64 * MI);
  expect(defaultSamples(2, 256 * MI, false)).toBe(103 * MI);
  expect(defaultSamples(32, 0, false)).toBe(128 * MI);
  expect(defaultSamples(256, 1024 * MI, false)).toBe(192 * MI);
  expect(defaultSamples(256, 1024 * MI, true)).toBe(24 * MI);
});

test('what does not fit is refused with what would', () => {
  expect(() => benchLayout(402_653_184, 512, 30)).toThrow(
    /^--samples: 402653184 samples with 512 threads do not fit into one memory of 4 GiB; use --samples \d+, or fewer threads$/,
  );
  expect(() => checkMemory(2e9, 1e8, 1e9)).toThrow(
    '--samples: 100000000 samples need 2000 MB of memory, files in the page cache included, and 1000 MB are free; ' +
      'use --samples 25000000, or fewer threads',
  );
  expect(() => checkDisk(folder, 1e18)).toThrow(/^--dir: .* has \d+ MB left, and the files need 1000000000000 MB; /);
  expect(() => checkDisk(join(folder, 'none'), 1)).toThrow('--dir: expected a folder that exists, found');
});

test('what makes the figures doubtful is said', () => {
  const options = completeBench({ threads: [1, 4], samples: 1e6 });
  const machine = { ...REPORT.machine, l3Bytes: 100e6, load: 1.5 };
  expect(doubts(options, machine)).toEqual([
    '4 threads share 2 cores: speed-up cannot go beyond 2',
    'the stream is less than twice the third-level cache: --samples 40M would go beyond it',
    'the machine is busy (load 1.5): the figures may be too low',
  ]);
  expect(doubts(completeBench({ threads: 2, samples: 4e7 }), { ...machine, load: 0 })).toEqual([]);
});

describe('files to export to are looked at before anything is measured', () => {
  test.each([
    [{ exportJson: existing }, [1], `--export-json: ${existing} exists already; use --force to replace it`],
    [{ exportMarkdown: folder }, [1], `--export-markdown ${folder}: expected a file to write, found a folder`],
    [{ exportSvg: join(folder, 'no/x') }, [1], 'expected a folder that exists, found none at'],
    [{ exportSvg: join(folder, 'x') }, [2], '--export-svg draws the speed-up against one thread: put 1 among the'],
    [{ exportJson: join(folder, 'x'), exportSvg: join(folder, 'x') }, [1], `is the file of --export-json`],
    [{ exportJson: '' }, [1], '--export-json: expected a file to write, found an empty text'],
  ])('%j', (files, threads, message) => {
    expect(() => checkExports(files, false, threads)).toThrow(message);
  });

  test('an existing one passes with force', () => {
    expect(checkExports({ exportJson: existing }, true, [2]).exportJson).toBe(existing);
  });
});
