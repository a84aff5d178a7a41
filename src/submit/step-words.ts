import { join } from 'node:path';
import { flagOf, type RawOptions } from '../options/fields.ts';
import type { ReweightOptions } from '../options/options.ts';
import { COUNTED, WEIGHED } from '../run/pass-options.ts';
import type { ShellText } from './shell-words.ts';

/** The steps of a run in shards. */
export type StepName = 'count' | 'merge' | 'weigh' | 'finish';
export type Words = readonly (string | ShellText)[];

/** Where the steps leave what they make. */
export interface StepPlaces {
  /** Folder of the partials of shards. */
  readonly counts: string;
  /** Their sum. */
  readonly sum: string;
}

/** The places below the folder of the jobs. */
export const placesIn = (jobs: string): StepPlaces => ({ counts: join(jobs, 'counts'), sum: join(jobs, 'all.ghm') });

/** What a step of a run is told. */
export interface StepRun {
  readonly run: ReweightOptions;
  readonly parts: number;
  readonly cpus: number;
  readonly places: StepPlaces;
  /** The number of the shard, as the shell of a job knows it. */
  readonly index: string;
}

const RUN = ['engine', 'memory'];

/** The words after `ghm` that make each step. */
export function wordsOfSteps({ run, parts, cpus, places, index }: StepRun): Readonly<Record<StepName, Words>> {
  const { density: method, ...rest } = run;
  const shard = ['--shard', { shell: `"${index}/${parts}"` }, '--threads', String(cpus)];
  const force = run.force ? ['--force'] : [];
  const weighed = wordsOf({ ...rest, method }, [...WEIGHED, ...RUN]);
  return {
    count: [
      'histogram',
      ...wordsOf({ ...run }, [...COUNTED, ...RUN]),
      ...shard,
      '--out',
      inFolder(places.counts, index),
    ],
    merge: ['merge', places.counts, '--out', places.sum, '--force'],
    weigh: ['apply', ...weighed, '--density', places.sum, ...shard, '--out', run.out, ...force],
    finish: ['finish', run.out, ...force],
  };
}

/** The file of a shard in a folder, in double quotes. */
const inFolder = (folder: string, index: string): ShellText => ({
  shell: `"${folder.replaceAll(/["$`\\]/g, '\\$&')}/${index}.ghm"`,
});

/** Options as words of the command line; files come first. */
function wordsOf(options: RawOptions, keys: readonly string[]): string[] {
  const files = [options.files ?? []].flat().map(String);
  return [
    ...files.map((file) => (file.startsWith('-') ? `./${file}` : file)),
    ...keys.filter((key) => key !== 'files').flatMap((key) => wordsOfOption(key, options[key])),
  ];
}

function wordsOfOption(key: string, value: unknown): string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [flagOf(key)];
  if (key === 'keep') return [flagOf(key), [value].flat().join(',')];
  if (key === 'columns' && typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, given]) => {
      const [first, ...others] = [given].flat().map(String);
      return ['--column', `${name}=${first}`, ...others];
    });
  }
  return [flagOf(key), ...[value].flat().map(String)];
}
