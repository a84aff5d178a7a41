// Batches and groups against one density for all: kernels on a chunk in cache, and the whole command. See README.md.
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npyHeader } from '../src/sources/npy/header.ts';
import { count, flags } from './arguments.ts';
import { generateFiles, SEED, withFolder } from './data.ts';
import { type Contestant, duration, median, observedWord, race, ratio, speed, spread, times } from './measure.ts';
import { type CommandRun, reweightProcess } from './reweight-process.ts';
import { countContestants, setStream, weighContestants } from './set-passes.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({
  samples: '2e8',
  work: '40M',
  bins: '30',
  rounds: '5',
  threads: '2',
  dir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
});
const bins = count('bins', options.bins);
const rounds = count('rounds', options.rounds);
const work = count('work', options.work);
const samples = count('samples', options.samples);
const threads = count('threads', options.threads);

console.log(`## ghm, batches and groups, M = ${bins}, seed ${SEED}, ${rounds} rounds\n\n${machineLines()}\n`);

async function compare(title: string, contestants: readonly Contestant[], n: number): Promise<void> {
  const timings = await race(contestants, rounds);
  const [plain] = timings;
  const rows = timings.map((timing) => {
    const { ofMedians, ofRounds } = ratio(timing, plain);
    return [
      timing.name,
      duration(median(timing.seconds)),
      spread(timing),
      speed(n, timing),
      times(ofMedians),
      times(ofRounds),
    ];
  });
  console.log(`### ${title}\n`);
  console.log(`${markdownTable(['', 'median', 'min .. max', 'samples', 'time / without sets', 'of rounds'], rows)}\n`);
}

/** Divisible by 80 and by 3, so that rows of classes fit. */
const CHUNK = 131_040;
const passes = Math.ceil(work / CHUNK);
const orders = {
  'one set a chunk': { kind: 'runs', rows: CHUNK },
  'sets of 1,000 samples': { kind: 'runs', rows: 1000 },
  'sets of 100 samples': { kind: 'runs', rows: 100 },
  '1,000 sets in no order': { kind: 'scattered' },
} as const;
const labelled = setStream(bins, CHUNK, 1);
await compare('kernels: count, labelled', countContestants(labelled, orders, passes), passes * CHUNK);
await compare('kernels: weigh, labelled', weighContestants(labelled, orders, passes), passes * CHUNK);
const rowOrders = {
  'one set a chunk': orders['one set a chunk'],
  'a set for each class': { kind: 'columns' },
} as const;
await compare(
  'kernels: count, rows of 80 classes',
  countContestants(setStream(bins, CHUNK, 80), rowOrders, passes),
  passes * CHUNK,
);

/** Writes a column of int32, piece by piece. */
function writeColumn(path: string, rows: number, valueAt: (row: number) => number): void {
  const file = openSync(path, 'w');
  writeSync(file, npyHeader([rows], 'int32'));
  const piece = new Int32Array(1 << 20);
  for (let from = 0; from < rows; from += piece.length) {
    const n = Math.min(piece.length, rows - from);
    for (let i = 0; i < n; i++) piece[i] = valueAt(from + i);
    writeSync(file, new Uint8Array(piece.buffer, 0, 4 * n));
  }
  closeSync(file);
}

/** Anchors of an image. */
const IMAGE = 100_000;
await withFolder(options.dir, async (folder) => {
  await generateFiles(folder, samples);
  const column = (name: string): string => join(folder, `${name}.npy`);
  writeColumn(column('image'), samples, (row) => Math.floor(row / IMAGE));
  writeColumn(column('level'), samples, (row) => Math.imul(row, 2_654_435_761) >>> 30);
  const commands: Readonly<Record<string, readonly string[]>> = {
    'without sets': [],
    '--batch rows:100000 --momentum 0.9': ['--batch', `rows:${IMAGE}`, '--momentum', '0.9'],
    '--batch column:image --batch-size 16 --momentum 0.9': [
      ...['--batch', 'column:image', '--batch-size', '16', '--momentum', '0.9'],
      ...['--column', `image=${column('image')}`],
    ],
    '--group image': ['--group', 'image', '--column', `image=${column('image')}`],
    '--group level, in no order': ['--group', 'level', '--column', `level=${column('level')}`],
  };
  const peaks = new Map<string, number>();
  const run = async (name: string): Promise<number> => {
    const out = join(folder, 'out');
    const ended: CommandRun = await reweightProcess(folder, out, threads, commands[name]);
    rmSync(out, { recursive: true });
    peaks.set(name, Math.max(peaks.get(name) ?? 0, ended.peakBytes));
    return ended.summary.density.total;
  };
  const contestants = Object.keys(commands).map((name) => ({ name, run: () => run(name) }));
  await compare(`ghm reweight, ${samples / 1e6} M samples, ${threads} threads, start to end`, contestants, samples);
  console.log(
    `peak resident memory: ${[...peaks].map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(0)} MiB`).join('; ')}\n`,
  );
});
console.log(`results seen: ${observedWord()}`);
