import { usageError } from '../errors.ts';
import { availableThreads, MOST_THREADS } from './available-threads.ts';
import type { CompleteReweightOptions } from './complete-options.ts';
import { BULLMQ, ENGINES } from './engines.ts';
import {
  abortSignal,
  callback,
  choice,
  flagOf,
  found,
  integer,
  type RawOptions,
  rawOptions,
  requiredPaths,
  within,
} from './fields.ts';
import { memorySize } from './memory-size.ts';
import type { ReweightOptions, RunOptions } from './options.ts';
import { redisUrl } from './redis-url.ts';
import { validateReweight } from './validate.ts';
import { asksForCoco } from './validate-coco.ts';

/** Where jobs wait for workers. */
export interface QueueOptions {
  /** `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]` of a Redis or Valkey server, `rediss://` for TLS. */
  readonly redis: string;
  /** Name of the queue, for workers of different roots on one server. Default `ghm`. */
  readonly queue?: string;
}

/** `reweight` by workers on any machines: this process plans and waits. Threads and memory are those of the workers. */
export interface BullmqReweightOptions
  extends Omit<ReweightOptions, 'engine' | 'threads' | 'memory' | 'resume'>,
    QueueOptions {
  readonly engine: 'bullmq';
  /** Shards, each one job of each pass: 1 to 10,000. Default: one for each 256 MiB of input. */
  readonly parts?: number;
}

/** A worker of a queue. */
export interface WorkerOptions extends QueueOptions, Pick<RunOptions, 'threads' | 'memory' | 'onWarning'> {
  /** The folders that jobs may read from and write to, links resolved; nothing outside them is touched. */
  readonly roots: string | readonly string[];
  /** Seconds after which the job of a worker that is gone is given to another one, 1 to 3600. Default 30. */
  readonly lock?: number;
  /** Ends the worker, when the job that it has is done. */
  readonly signal?: AbortSignal;
  /** Called when the worker listens, and when a job begins and ends. */
  readonly onEvent?: (event: WorkerEvent) => void;
}

/** What a worker does; a job is named by its step, its shard and its run. */
export type WorkerEvent =
  | { readonly kind: 'listening'; readonly queue: string; readonly redis: string; readonly roots: readonly string[] }
  | { readonly kind: 'begun'; readonly job: string }
  | { readonly kind: 'done'; readonly job: string; readonly seconds: number }
  | { readonly kind: 'failed'; readonly job: string; readonly seconds: number; readonly message: string };

export interface CompleteQueueOptions {
  /** Never shown: a password may be in it. */
  readonly redis: string;
  readonly queue: string;
}

export interface CompleteBullmqOptions extends CompleteQueueOptions {
  /** What the run is to do; its engine, threads and memory are those of this process, and mean nothing to the workers. */
  readonly reweight: CompleteReweightOptions;
  /** `undefined`: by the size of the input. */
  readonly parts: number | undefined;
}

export interface CompleteWorkerOptions extends CompleteQueueOptions {
  readonly roots: readonly string[];
  readonly threads: number;
  readonly memory: number;
  readonly lock: number;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly onWarning: (message: string) => void;
}

const OF_QUEUES = ['redis', 'queue', 'parts'] as const;
const MOST_PARTS = 10_000;
const LONGEST_LOCK = 3600;

/** Whether options ask for a run by workers of a queue. @throws GhmError (usage) where they do so by half */
export function asksForBullmq<T>(options: T): options is Extract<T, BullmqReweightOptions> {
  if (typeof options !== 'object' || options === null) return false;
  const raw: RawOptions = Object.fromEntries(Object.entries(options));
  if (choice(raw, 'engine', [...ENGINES, BULLMQ]) === BULLMQ) return true;
  const lone = OF_QUEUES.find((key) => raw[key] !== undefined);
  if (lone === undefined) return false;
  throw usageError(`${flagOf(lone)}: is for --engine bullmq; add that, or drop ${flagOf(lone)}`);
}

/** @throws GhmError (usage) */
export function validateBullmqReweight(options: object): CompleteBullmqOptions {
  const { redis, queue, parts, engine: _, ...reweight }: RawOptions = Object.fromEntries(Object.entries(options));
  if (asksForCoco(reweight)) {
    throw usageError(
      '--engine bullmq: COCO results are matched as a whole, in one process: drop it, or give arrays to share the work',
    );
  }
  if (reweight.resume === true) {
    throw usageError('--resume: with --engine bullmq a shard that is lost is done again by itself; run it without');
  }
  const ofWorkers = ['threads', 'memory'].find((key) => reweight[key] !== undefined);
  if (ofWorkers !== undefined) {
    throw usageError(`${flagOf(ofWorkers)}: with --engine bullmq every worker has its own; give it to ghm worker`);
  }
  return Object.freeze({
    ...queueOptions({ redis, queue }),
    parts: integer({ parts }, 'parts', 1, MOST_PARTS),
    reweight: validateReweight(reweight),
  });
}

/** A worker. @throws GhmError (usage) */
export function validateWorker(options: unknown): CompleteWorkerOptions {
  const raw = rawOptions(options, 'worker', [
    'redis',
    'queue',
    'roots',
    'threads',
    'memory',
    'lock',
    'signal',
    'onEvent',
    'onWarning',
  ]);
  return Object.freeze({
    ...queueOptions(raw),
    roots: requiredPaths(raw, 'roots', 'at least one folder that jobs may read from and write to'),
    threads: integer(raw, 'threads', 1, MOST_THREADS) ?? availableThreads(),
    memory: memorySize(raw.memory),
    lock: within(raw, 'lock', 1, LONGEST_LOCK) ?? 30,
    signal: abortSignal(raw),
    onEvent: callback<[WorkerEvent]>(raw, 'onEvent'),
    onWarning: callback<[string]>(raw, 'onWarning'),
  });
}

const NAME = /^[\w.-]{1,100}$/;

function queueOptions(raw: RawOptions): CompleteQueueOptions {
  const { queue = 'ghm' } = raw;
  if (typeof queue !== 'string' || !NAME.test(queue)) {
    throw usageError(`--queue: expected a name of letters, digits, -, _ and ., found ${found(queue)}`);
  }
  return { redis: redisUrl(raw), queue };
}
