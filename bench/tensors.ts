// `ghm reweight --engine tfjs` against the kernels, start to end, files in the page cache. See README.md.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorBackend } from '../src/tfjs/backend.ts';
import { count, flags } from './arguments.ts';
import { generateFiles, SEED, withFolder } from './data.ts';
import { duration, median, ratio, speed, spread, type Timing, times } from './measure.ts';
import { type CommandRun, reweightProcess } from './reweight-process.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({
  samples: '4M',
  rounds: '5',
  threads: '2',
  dir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
});
const samples = count('samples', options.samples);
const rounds = count('rounds', options.rounds);
const threads = count('threads', options.threads);

/** What takes turns; the native library where it loads. */
const native = await tensorBackend('tfjs-node').then(
  () => ['tfjs-node'],
  (error: Error) => {
    console.log(`${error.message}\n`);
    return [];
  },
);
const CONTESTANTS = ['threads', 'tfjs', ...native];

console.log(`## tensors, ${samples / 1e6} M samples, ${threads} threads, seed ${SEED}, files in ${options.dir}\n`);
console.log(`${machineLines()}\n`);

await withFolder(options.dir, async (folder) => {
  await generateFiles(folder, samples, 2 ** 20);
  const runs = new Map<string, CommandRun[]>(CONTESTANTS.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of CONTESTANTS) {
      for (const file of readdirSync(folder)) if (file.endsWith('.npy')) readFileSync(join(folder, file));
      const out = join(folder, 'out');
      const run = await reweightProcess(folder, out, threads, ['--engine', name]);
      rmSync(out, { recursive: true });
      if (round >= 0) runs.get(name)?.push(run);
    }
  }

  const [first] = runs.get('threads') ?? [];
  for (const [name, [run]] of runs) {
    const moved = run.summary.density.counts.reduce(
      (sum, counted, j) => sum + Math.abs(counted - first.summary.density.counts[j]) / 2,
      0,
    );
    if (moved > samples / 1e5) throw new Error(`${name}: ${moved} samples are counted in other regions`);
    const backend = run.summary.engine?.backend;
    console.log(`${name}: ${moved} samples in other regions than by the kernels${backend ? `; ${backend.why}` : ''}`);
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
  const head = ['', '--engine', 'median', 'min .. max', 'samples', 'time / threads', 'of rounds'];
  console.log(`\n${markdownTable(head, rows)}`);
  const peak = (name: string): string =>
    `${name} ${Math.max(...(runs.get(name) ?? []).map(({ peakBytes }) => peakBytes / 2 ** 20)).toFixed(0)} MiB`;
  console.log(`\nmost memory resident: ${CONTESTANTS.map(peak).join(', ')}`);
});
