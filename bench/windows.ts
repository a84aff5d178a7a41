// `ghm reweight --density window` against unit regions, start to end, files in the page cache. See README.md.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, flags } from './arguments.ts';
import { generateFiles, SEED, withFolder } from './data.ts';
import { duration, median, ratio, speed, spread, type Timing, times } from './measure.ts';
import { type CommandRun, reweightProcess } from './reweight-process.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({
  samples: '5e8',
  rounds: '5',
  threads: '2',
  dir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
});
const samples = count('samples', options.samples);
const rounds = count('rounds', options.rounds);
const threads = count('threads', options.threads);

/** What takes turns. The default width of a window is 1 / 30. */
const CONTESTANTS: Readonly<Record<string, readonly string[]>> = {
  'unit regions': [],
  'windows of 1/30': ['--density', 'window'],
  'windows of 0.1': ['--density', 'window', '--epsilon', '0.1'],
};

console.log(`## windows, ${samples / 1e6} M samples, ${threads} threads, seed ${SEED}, files in ${options.dir}\n`);
console.log(`${machineLines()}\n`);

await withFolder(options.dir, async (folder) => {
  await generateFiles(folder, samples, 2 ** 26);
  const runs = new Map<string, CommandRun[]>(Object.keys(CONTESTANTS).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, more] of Object.entries(CONTESTANTS)) {
      for (const file of readdirSync(folder)) if (file.endsWith('.npy')) readFileSync(join(folder, file));
      const out = join(folder, 'out');
      const run = await reweightProcess(folder, out, threads, more);
      rmSync(out, { recursive: true });
      if (round >= 0) runs.get(name)?.push(run);
    }
  }

  const timingsOf = (pick: (run: CommandRun) => number): Timing[] =>
    [...runs].map(([name, all]) => ({ name, seconds: all.map(pick) }));
  const parts: readonly (readonly [string, Timing[]])[] = [
    ['start to end', timingsOf(({ seconds }) => seconds)],
    ['processor time', timingsOf(({ cpuSeconds }) => cpuSeconds)],
    ['pass 1', timingsOf(({ summary }) => summary.passes.count?.seconds ?? 0)],
    ['pass 2', timingsOf(({ summary }) => summary.passes.weigh?.seconds ?? 0)],
  ];
  const rows = parts.flatMap(([part, timings]) =>
    timings.map((timing) => {
      const { ofMedians, ofRounds } = ratio(timing, timings[0]);
      const seconds = duration(median(timing.seconds));
      return [part, timing.name, seconds, spread(timing), speed(samples, timing), times(ofMedians), times(ofRounds)];
    }),
  );
  const head = ['', '', 'median', 'min .. max', 'samples', 'time / unit regions', 'of rounds'];
  console.log(`${markdownTable(head, rows)}\n`);
  for (const [name, all] of runs) {
    const { window } = all[0].summary.density;
    if (window) console.log(`${name}: error at most ${window.errorBound.max}, in the mean ${window.errorBound.mean}`);
  }
});
