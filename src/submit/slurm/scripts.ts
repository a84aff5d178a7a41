import { join } from 'node:path';
import type { CompleteSubmitOptions } from '../../options/submit-options.ts';
import { commandText, quoted } from '../shell-words.ts';
import { placesIn, type StepName, wordsOfSteps } from '../step-words.ts';

/** The job of one step. */
export interface JobScript {
  readonly step: StepName;
  /** The file of the script. */
  readonly file: string;
  readonly text: string;
  /** Whether it is an array, of a task for each shard. */
  readonly isArray: boolean;
}

/** In the order in which they depend on each other. */
export const STEPS = ['count', 'merge', 'weigh', 'finish'] as const satisfies readonly StepName[];

const INDEX = '$SLURM_ARRAY_TASK_ID';

export const logsFolder = (jobs: string): string => join(jobs, 'logs');

/** The log of a step, or of one task of it. */
export const logFile = (jobs: string, step: StepName, index: number | null): string =>
  join(logsFolder(jobs), index === null ? `${step}.log` : `${step}-${index}.log`);

/**
 * The scripts of the four steps: an array that counts, a job that merges, an array that weighs, a job that finishes.
 *
 * @param cwd that the paths of the run are relative to
 * @param command what starts `ghm`, as a shell reads it
 */
export function jobScripts(options: CompleteSubmitOptions, parts: number, cwd: string, command: string): JobScript[] {
  const { run, jobs, cpus } = options;
  const words = wordsOfSteps({ run, parts, cpus, places: placesIn(jobs), index: INDEX });
  return STEPS.map((step) => {
    const isArray = step === 'count' || step === 'weigh';
    const lines = [
      '#!/bin/bash',
      ...directives(options, step, isArray ? parts : null).map((line) => `#SBATCH ${line}`),
      `# ${ABOUT[step](parts)}`,
      '# Safe to run again, also at once. Exit code 3: the data are bad, and trying again is of no use.',
      `cd ${quoted(cwd)} || exit 1`,
      // the signals of Slurm reach ghm itself
      `exec ${command} ${commandText(words[step])}`,
    ];
    return { step, file: join(jobs, `${step}.sh`), text: `${lines.join('\n')}\n`, isArray };
  });
}

const ABOUT: Readonly<Record<StepName, (parts: number) => string>> = {
  count: (parts) => `Counts one of ${parts} shards of the stream.`,
  merge: () => 'Adds the counts of all shards.',
  weigh: (parts) => `Weighs one of ${parts} shards of the stream.`,
  finish: () => 'Sees that all shards are there, and makes one output folder of them.',
};

/** As sbatch reads it in a line of a script. */
const inQuotes = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

function directives(options: CompleteSubmitOptions, step: StepName, parts: number | null): string[] {
  const { jobs, cpus, atOnce, partition, account, time, sbatch } = options;
  const limit = atOnce === undefined ? '' : `%${atOnce}`;
  const log = logFile(jobs.replaceAll('%', '%%'), step, null);
  const output = parts === null ? log : log.replace(/\.log$/, '-%a.log');
  return [
    `--job-name=ghm-${step}`,
    `--output=${/^[\w./%-]+$/.test(output) ? output : inQuotes(output)}`,
    ...(parts === null ? [] : [`--array=1-${parts}${limit}`, `--cpus-per-task=${cpus}`]),
    ...(step === 'count' ? [] : ['--kill-on-invalid-dep=yes']),
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    ...sbatch,
  ];
}

/** The numbers of tasks as sbatch reads them: `1-3,7`. */
export function arrayText(indices: readonly number[], atOnce: number | undefined): string {
  const ranges: [number, number][] = [];
  for (const index of indices) {
    const last = ranges.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  const texts = ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `${texts.join(',')}${atOnce === undefined ? '' : `%${atOnce}`}`;
}
