import { usageError } from '../errors.ts';
import type { CompleteRunOptions } from './complete-options.ts';
import {
  abortSignal,
  callback,
  choice,
  flagOf,
  found,
  integer,
  names,
  path,
  type RawOptions,
  rawOptions,
  yes,
} from './fields.ts';
import type { ReweightOptions } from './options.ts';
import { validateReweight } from './validate.ts';
import { asksForCoco } from './validate-coco.ts';

export type SubmitEngine = 'slurm' | 'kubernetes';

/** How far the jobs of a step are. */
export interface JobsProgress {
  readonly step: 'count' | 'merge' | 'weigh' | 'finish';
  readonly done: number;
  readonly running: number;
  readonly total: number;
  /** Seconds since it was waited for. */
  readonly elapsed: number;
}

/** A run in shards on a scheduler that is there. */
export interface SubmitOptions {
  readonly engine: SubmitEngine;
  /** The run: the options of `reweight`. */
  readonly run: ReweightOptions;
  /** Shards, 1 to 100,000. Default with Slurm: one for each 4 GiB of input, at most 1000. */
  readonly parts?: number;
  /** Cores of each task that counts or weighs. Default: `threads` of the run, else 1. */
  readonly cpus?: number;
  /** Tasks that may run at the same time. Default: as many as the scheduler lets. */
  readonly atOnce?: number;
  /** Folder of scripts, logs and counts. Default: `out` with `.jobs` behind it. */
  readonly jobs?: string;
  /** What starts `ghm` in a job, as a shell reads it. Default: this very one, in a container `ghm`. */
  readonly ghm?: string;
  /** Say what would be submitted, and write nothing. */
  readonly print?: boolean;
  /** Of Slurm: wait until the jobs end. */
  readonly wait?: boolean;
  /** Of Slurm: submit what is missing of a run that was submitted before. */
  readonly resume?: boolean;
  /** Of Slurm: partition, account and time limit of the jobs. */
  readonly partition?: string;
  readonly account?: string;
  readonly time?: string;
  /** Of Slurm: further options of sbatch, such as `--qos=long`. */
  readonly sbatch?: string | readonly string[];
  /** Of Kubernetes: image of the containers. Default `ghm-reweight:VERSION`. */
  readonly image?: string;
  /** Of Kubernetes: the PersistentVolumeClaim of the files, which all pods mount. */
  readonly claim?: string;
  /** Of Kubernetes: where it is mounted; paths are relative to it. Default `/data`. */
  readonly mount?: string;
  /** Of Kubernetes: memory of a pod that counts or weighs. Default `1Gi`. */
  readonly podMemory?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobsProgress) => void;
  readonly onWarning?: (message: string) => void;
}

/** The same, checked. */
export interface CompleteSubmitOptions extends Pick<CompleteRunOptions, 'signal' | 'onWarning'> {
  readonly engine: SubmitEngine;
  /** As it was given: jobs are told no more. */
  readonly run: ReweightOptions;
  /** `undefined`: by the length of the input. */
  readonly parts: number | undefined;
  readonly cpus: number;
  readonly atOnce: number | undefined;
  readonly jobs: string;
  readonly ghm: string | undefined;
  readonly print: boolean;
  readonly wait: boolean;
  readonly resume: boolean;
  readonly partition: string | undefined;
  readonly account: string | undefined;
  readonly time: string | undefined;
  readonly sbatch: readonly string[];
  readonly image: string | undefined;
  readonly claim: string | undefined;
  readonly mount: string | undefined;
  readonly podMemory: string | undefined;
  readonly onProgress: (progress: JobsProgress) => void;
}

const MOST_PARTS = 100_000;
const SHARED = [
  'engine',
  'run',
  'parts',
  'cpus',
  'atOnce',
  'jobs',
  'ghm',
  'print',
  'signal',
  'onProgress',
  'onWarning',
];
const OF_ENGINE = {
  slurm: ['wait', 'resume', 'partition', 'account', 'time', 'sbatch'],
  kubernetes: ['image', 'claim', 'mount', 'podMemory'],
} as const;

/** A run on a scheduler. @throws GhmError (usage) */
export function validateSubmit(options: unknown): CompleteSubmitOptions {
  const raw = rawOptions(options, 'submit', [...SHARED, ...OF_ENGINE.slurm, ...OF_ENGINE.kubernetes]);
  const engine = choice(raw, 'engine', ['slurm', 'kubernetes']);
  if (engine === undefined) throw usageError('--engine: expected slurm or kubernetes, found nothing');
  refuseOthers(raw, engine);
  const { run, out, threads } = runOf(raw);
  const complete = {
    engine,
    run,
    parts: integer(raw, 'parts', 1, MOST_PARTS),
    cpus: integer(raw, 'cpus', 1, 1024) ?? threads ?? 1,
    atOnce: integer(raw, 'atOnce', 1, MOST_PARTS),
    jobs: path(raw, 'jobs', 'the folder of scripts, logs and counts') ?? `${out.replace(/\/+$/, '')}.jobs`,
    ghm: line(raw, 'ghm', 'what starts ghm in a job'),
    print: yes(raw, 'print'),
    wait: yes(raw, 'wait'),
    resume: yes(raw, 'resume'),
    partition: word(raw, 'partition'),
    account: word(raw, 'account'),
    time: word(raw, 'time'),
    sbatch: sbatchOptions(raw),
    image: word(raw, 'image'),
    claim: word(raw, 'claim'),
    mount: path(raw, 'mount', 'the folder where the volume is mounted'),
    podMemory: word(raw, 'podMemory'),
    signal: abortSignal(raw),
    onProgress: callback<[JobsProgress]>(raw, 'onProgress'),
    onWarning: callback<[string]>(raw, 'onWarning'),
  };
  if (engine === 'kubernetes') checkKubernetes(complete);
  if (complete.print && (complete.wait || complete.resume)) {
    throw usageError(`--print submits nothing: drop it, or ${complete.wait ? '--wait' : '--resume'}`);
  }
  return Object.freeze(complete);
}

/** The run, and what is to be known of it. */
function runOf(raw: RawOptions): { run: ReweightOptions; out: string; threads: number | undefined } {
  const given = raw.run;
  if (asksForCoco(given)) {
    throw usageError(
      '--coco-results: are matched as a whole, in one process: use ghm reweight, or give arrays to share the work',
    );
  }
  const stream = Object.entries(given ?? {}).find(([key, value]) => key !== 'keep' && [value].flat().includes('-'));
  if (stream !== undefined) {
    throw usageError(
      `${flagOf(stream[0])} -: jobs have no standard input and output in common; give files and a folder`,
    );
  }
  const { out, resume } = validateReweight(given);
  if (resume) throw usageError('--resume: is of the submission, not of its run: put it before --');
  const run = Object.fromEntries(Object.entries(given as ReweightOptions).filter(([, value]) => value !== undefined));
  // it was valid as it was given
  return { run: run as unknown as ReweightOptions, out, threads: integer(run, 'threads', 1, 1024) };
}

function refuseOthers(raw: RawOptions, engine: SubmitEngine): void {
  const other = engine === 'slurm' ? 'kubernetes' : 'slurm';
  const foreign = OF_ENGINE[other].find((key) => isGiven(raw[key]));
  if (foreign !== undefined) throw usageError(`${flagOf(foreign)} is for --engine ${other}: drop it`);
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

function checkKubernetes({ print, parts, claim }: Pick<CompleteSubmitOptions, 'print' | 'parts' | 'claim'>): void {
  if (!print)
    throw usageError('--engine kubernetes: ghm talks to no cluster; add --print, and give the output to kubectl');
  if (parts === undefined)
    throw usageError('--engine kubernetes: add --parts N, as the files need not be here to be looked at');
  if (claim === undefined)
    throw usageError('--engine kubernetes: add --claim NAME, the PersistentVolumeClaim of the files');
}

/** One word, as schedulers have for names and times. */
function word(raw: RawOptions, key: string): string | undefined {
  const value = raw[key];
  if (value === undefined || (typeof value === 'string' && /^[^\s"'\\]+$/.test(value))) return value;
  throw usageError(`${flagOf(key)}: expected one word without blanks and quotes, found ${found(value)}`);
}

function line(raw: RawOptions, key: string, what: string): string | undefined {
  const value = raw[key];
  if (value === undefined || (typeof value === 'string' && /^[^\n\r\0]*\S[^\n\r\0]*$/.test(value))) return value;
  throw usageError(`${flagOf(key)}: expected ${what}, on one line, found ${found(value)}`);
}

function sbatchOptions(raw: RawOptions): readonly string[] {
  const given = names(raw, 'sbatch', "options of sbatch, such as --sbatch='--qos=long'");
  const own = given.find((option) =>
    /^--(array|dependency|output|job-name|parsable|kill-on-invalid-dep)\b/.test(option),
  );
  if (own !== undefined) throw usageError(`--sbatch ${own}: ghm says that itself; drop it`);
  const wrong = given.find((option) => !/^-[^\n\r\0]+$/.test(option));
  if (wrong !== undefined)
    throw usageError(`--sbatch: expected an option, such as --sbatch='--qos=long', found ${found(wrong)}`);
  return given;
}
