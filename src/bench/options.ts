import { tmpdir } from 'node:os';
import { usageError } from '../errors.ts';
import { availableThreads, MOST_THREADS } from '../options/available-threads.ts';
import { TENSOR_ENGINES, type TensorEngineName } from '../options/engines.ts';
import {
  abortSignal,
  callback,
  choice,
  found,
  integer,
  path,
  type RawOptions,
  rawOptions,
  yes,
} from '../options/fields.ts';
import { cacheSizes } from './machine.ts';
import { defaultSamples, LEAST_SAMPLES, MOST_SAMPLES, wholeBlocks } from './size.ts';

/** How far the bench is. */
export interface BenchProgress {
  readonly stage: 'memory' | 'files' | 'engine';
  /** Samples gone through, warm-up and checks included. */
  readonly done: number;
  readonly total: number;
  /** Seconds since the stage began. */
  readonly elapsed: number;
}

export interface BenchOptions {
  /** Numbers of threads to measure. Default: 1 to the cores this process may use, above 8 in larger steps. */
  readonly threads?: number | readonly number[];
  /** Samples of the stream, in memory and in files. Default: enough to be larger than the caches. */
  readonly samples?: number;
  /** Unit regions M, 1 to 10,000. Default 30. */
  readonly bins?: number;
  /** Of the stream; the same seed is the same stream on every machine. Default 0. */
  readonly seed?: number;
  /** Runs that are measured. Default 5, `quick` 3. */
  readonly runs?: number;
  /** Runs before those. Default 1. */
  readonly warmup?: number;
  /** Smaller, with fewer runs and numbers of threads: some 20 seconds at most. Options that are given stay. */
  readonly quick?: boolean;
  /** Where the temporary folder with the files is made. Default: that of the system. */
  readonly dir?: string;
  /** An engine of tensors to measure beside, on fewer samples. Default: none. */
  readonly engine?: TensorEngineName;
  /** Ends the bench; the temporary folder is removed. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BenchProgress) => void;
  /** Called for what makes the figures doubtful. */
  readonly onWarning?: (message: string) => void;
}

/** Options after validation, frozen. */
export interface CompleteBench {
  /** Ascending, each once. */
  readonly threads: readonly number[];
  readonly samples: number;
  readonly bins: number;
  readonly seed: number;
  readonly runs: number;
  readonly warmup: number;
  readonly quick: boolean;
  readonly dir: string;
  readonly engine: TensorEngineName | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: BenchProgress) => void;
  readonly onWarning: (message: string) => void;
}

const KEYS: readonly (keyof BenchOptions)[] = [
  'threads',
  'samples',
  'bins',
  'seed',
  'runs',
  'warmup',
  'quick',
  'dir',
  'engine',
  'signal',
  'onProgress',
  'onWarning',
];
const MOST_BINS = 10_000;
const MOST_RUNS = 1000;
/** Up to here every number of threads is measured. */
const EACH_UP_TO = 8;

/** @throws GhmError (usage) naming the flag, what was expected and what was found */
export function completeBench(options: unknown, cores: number = availableThreads()): CompleteBench {
  const raw = rawOptions(options, 'bench', KEYS);
  const quick = yes(raw, 'quick');
  const threads = threadCounts(raw) ?? defaultThreads(cores, quick);
  const samples = integer(raw, 'samples', LEAST_SAMPLES, MOST_SAMPLES);
  return Object.freeze({
    threads,
    samples: wholeBlocks(samples ?? defaultSamples(Math.max(...threads), cacheSizes().l3Bytes ?? 0, quick)),
    bins: integer(raw, 'bins', 1, MOST_BINS) ?? 30,
    seed: integer(raw, 'seed', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    runs: integer(raw, 'runs', 1, MOST_RUNS) ?? (quick ? 3 : 5),
    warmup: integer(raw, 'warmup', 0, MOST_RUNS) ?? 1,
    quick,
    dir: path(raw, 'dir', 'the folder for temporary files') ?? tmpdir(),
    engine: choice(raw, 'engine', TENSOR_ENGINES),
    signal: abortSignal(raw),
    onProgress: callback<[BenchProgress]>(raw, 'onProgress'),
    onWarning: callback<[string]>(raw, 'onWarning'),
  });
}

/** 1, 2, .. 8, 12, 16, 24, 32, .. and the cores; `quick`: 1, 2, 4, .. and the cores. */
export function defaultThreads(cores: number, quick: boolean): readonly number[] {
  const steps: number[] = [];
  for (let power = 1; power <= cores; power *= 2) {
    steps.push(power);
    if (!quick && power >= EACH_UP_TO) steps.push(1.5 * power);
  }
  const small = quick ? [] : Array.from({ length: EACH_UP_TO }, (_, i) => i + 1);
  return ascending([...small, ...steps, cores].filter((count) => count <= cores));
}

const ascending = (counts: readonly number[]): readonly number[] =>
  Object.freeze([...new Set(counts)].sort((a, b) => a - b));

function threadCounts(raw: RawOptions): readonly number[] | undefined {
  const value = raw.threads;
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const counts = list.map((count) => {
    if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST_THREADS) return count;
    throw threadsError(count);
  });
  if (counts.length === 0) throw threadsError(value);
  if (new Set(counts).size < counts.length) throw usageError(`--threads: expected each number once, found ${counts}`);
  return ascending(counts);
}

const threadsError = (value: unknown): Error =>
  usageError(`--threads: expected numbers of threads from 1 to ${MOST_THREADS}, such as 1,2,4, found ${found(value)}`);
