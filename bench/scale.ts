// What sharing a run costs: merging and finishing 10 to 10,000 shards, a task with next to nothing to do, Slurm's own time.
// From these and the speed of one machine: from which size a second machine pays. See README.md.
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, counts, flags } from './arguments.ts';
import { generateFiles, SEED, withFolder } from './data.ts';
import { duration, median } from './measure.ts';
import { reweightProcess } from './reweight-process.ts';
import { ghm, type ProcessRun } from './scale/command.ts';
import { realCounts, writePartials } from './scale/partials.ts';
import { emptyArrays } from './scale/scheduler.ts';
import { writeShards } from './scale/shards.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({
  samples: '2e8',
  parts: '10,100,1000,10000',
  tasks: '10,100',
  rounds: '3',
  threads: '2',
  dir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
});
const samples = count('samples', options.samples);
const parts = counts('parts', options.parts);
const tasks = counts('tasks', options.tasks);
const rounds = count('rounds', options.rounds);
const threads = count('threads', options.threads);

const MIB = 2 ** 20;
/** float32 logits and a byte of label, read twice, and a float32 weight. */
const BYTES_A_SAMPLE = 14;
const perSecond = (speed: number): string => `${(speed / 1e6).toFixed(0)} M samples/s`;

/** Runs something a few times: medians of the times, the most of the memory. */
async function measured(run: () => Promise<ProcessRun>): Promise<ProcessRun> {
  const all: ProcessRun[] = [];
  for (let round = 0; round < rounds; round++) all.push(await run());
  return {
    seconds: median(all.map(({ seconds }) => seconds)),
    cpuSeconds: median(all.map(({ cpuSeconds }) => cpuSeconds)),
    peakBytes: Math.max(...all.map(({ peakBytes }) => peakBytes)),
  };
}

/** Merging and finishing by the number of shards. Returns the seconds of both for the fewest. */
async function mergeAndFinish(folder: string): Promise<number> {
  const real = await realCounts(folder);
  const rows: string[][] = [];
  let fewest = 0;
  for (const n of parts) {
    const place = join(folder, `parts-${n}`);
    const bytes = writePartials(place, n, real);
    const merge = await measured(() => ghm(folder, 'merge', place, '--out', 'sum.ghm', '--force'));
    rmSync(place, { recursive: true });
    const finish = await measured(async () => {
      await writeShards(place, n);
      const run = await ghm(place, 'finish', 'weights');
      rmSync(place, { recursive: true });
      return run;
    });
    if (n === parts[0]) fewest = merge.seconds + finish.seconds;
    const times = [merge, finish].flatMap(({ seconds, cpuSeconds }) => [duration(seconds), duration(cpuSeconds)]);
    const memory = Math.max(merge.peakBytes, finish.peakBytes) / MIB;
    rows.push([`${n}`, `${(bytes / 1000).toFixed(0)} kB`, ...times, `${memory.toFixed(0)} MiB`]);
  }
  const head = ['shards', 'a partial', 'merge', 'processor', 'finish', 'processor', 'peak memory'];
  console.log(`${markdownTable(head, rows)}\n`);
  return fewest;
}

/** What a task costs that has one sample. Returns the seconds of one that counts and one that weighs. */
async function smallTasks(folder: string): Promise<number> {
  const small = join(folder, 'small');
  await writeShards(small, 1);
  const input = ['--logits', 'in/*.logits.npy', '--labels', 'in/*.labels.npy', '--shard', '1/1', '--force'];
  const counting = await measured(() => ghm(small, 'histogram', ...input, '--out', '1.ghm'));
  const weighing = await measured(() => ghm(small, 'apply', ...input, '--density', 'all.ghm', '--out', 'w'));
  const text = ({ seconds, cpuSeconds }: ProcessRun) => `${duration(seconds)} (processor ${duration(cpuSeconds)})`;
  console.log(`a task of one sample: counting ${text(counting)}, weighing ${text(weighing)}`);
  return counting.seconds + weighing.seconds;
}

/** Slurm's own time. Returns the seconds of four jobs one after the other. */
async function scheduling(): Promise<number> {
  const arrays = await emptyArrays(tasks);
  if (arrays === null) console.log('Slurm is not installed here');
  for (const { tasks: n, seconds } of arrays ?? []) {
    console.log(`Slurm, ${n} tasks that do nothing on 4 cores: ${duration(seconds)}, ${duration(seconds / n)} a task`);
  }
  return 4 * (arrays?.[0].seconds ?? 0);
}

console.log(`## shards, ${samples / 1e6} M samples, ${threads} threads, seed ${SEED}, files in ${options.dir}\n`);
console.log(`${machineLines()}\n`);

await withFolder(options.dir, async (folder) => {
  await generateFiles(folder, samples, 2 ** 24);
  const whole = await measured(async () => {
    const run = await reweightProcess(folder, join(folder, 'out'), threads);
    rmSync(join(folder, 'out'), { recursive: true });
    return run;
  });
  const overhead = (await mergeAndFinish(folder)) + (await smallTasks(folder)) + (await scheduling());
  const speed = samples / whole.seconds;
  console.log(
    `\none machine, ${threads} threads: ${perSecond(speed)} start to end (${perSecond((threads * samples) / whole.cpuSeconds)} by its ` +
      `processor time), ${((BYTES_A_SAMPLE * speed) / 1e9).toPrecision(2)} GB/s at ${BYTES_A_SAMPLE} bytes a sample`,
  );
  console.log(
    `sharing takes ${duration(overhead)} more, so a second machine pays from 2 x ${duration(overhead)} x ${perSecond(speed)} = ` +
      `${((2 * overhead * speed) / 1e9).toPrecision(2)} G samples`,
  );
});
