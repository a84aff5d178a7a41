import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { ExitCode } from '../../errors.ts';
import type { CompleteQueueOptions, WorkerEvent } from '../../options/bullmq-options.ts';
import { failureText, isFinal, MOST_DEATHS } from './failure.ts';
import { addWeighJobs, expireJobs, isCancelled, type JobQueue } from './flow.ts';
import { type JobData, readJobData } from './job-data.ts';
import { type Bullmq, connect, isAway, refusal } from './redis.ts';

/** What a job is done with. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** 0 to 1. */
  readonly onProgress: (share: number) => void;
  /** Whether another worker has begun the job before, and may have done any part of it. */
  readonly isAgain: boolean;
}

export interface ServeOptions extends CompleteQueueOptions {
  /** Seconds. */
  readonly lock: number;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly onWarning: (message: string) => void;
  /** Called when the worker listens. */
  readonly onListening: () => void;
  /** Does a job; what it returns is kept with the job. The main thread has to stay free, so that the lock is renewed. */
  readonly perform: (data: JobData, context: JobContext) => Promise<object>;
}

const CLOSE_MS = 10_000;

/** Does jobs of a queue, one after the other, until the signal; the job that it has then is done to its end. */
export async function serve(options: ServeOptions): Promise<void> {
  const { redis, queue: name, lock, signal, onWarning, onListening } = options;
  const server = await connect(redis, { signal, onLost: onWarning });
  const { bullmq, client } = server;
  const queue = new bullmq.Queue(name, { connection: client });
  queue.on('error', () => {});
  const place: JobQueue = { queue, client };
  const under: UnderWay = new Map();
  const worker = new bullmq.Worker(name, (job, token = '') => attend(job, token, { options, place, bullmq, under }), {
    connection: client,
    name: `${hostname()}-${process.pid}`,
    lockDuration: lock * 1000,
    stalledInterval: lock * 500,
    maxStalledCount: MOST_DEATHS,
  });
  worker.on('error', (error) => {
    // the connection reports that itself
    if (!isAway(error)) onWarning(refusal(redis, error).message);
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) under.get(id)?.abort();
  });
  // the process that asked for the run may be gone
  for (const end of ['completed', 'failed'] as const) {
    worker.on(end, (job: Job | undefined) => void expireRun(job, place).catch(() => undefined));
  }
  try {
    await worker.waitUntilReady();
    onListening();
    await aborted(signal);
    await Promise.race([worker.close(), gone(client)]);
  } finally {
    server.close();
  }
}

/** The jobs that are being done, and what ends each early. */
type UnderWay = Map<string, AbortController>;

interface Attending {
  readonly options: ServeOptions;
  readonly place: JobQueue;
  readonly bullmq: Bullmq;
  readonly under: UnderWay;
}

/** Does one job, as BullMQ asks for it: what it throws says whether the job is tried again. */
async function attend(job: Job, token: string, attending: Attending): Promise<object> {
  const { options, place, bullmq } = attending;
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  let name = job.name;
  try {
    const data = readJobData(job.data);
    name = nameOf(data);
    if (!(await isWanted(job, data, place))) throw new bullmq.UnrecoverableError(GIVEN_UP);
    if (data.step === 'finish' && !data.weighing) {
      await addWeighJobs(place.queue, data);
      await job.updateData({ ...data, weighing: true });
      if (await job.moveToWaitingChildren(token)) throw new bullmq.WaitingChildrenError();
    }
    options.onEvent({ kind: 'begun', job: name });
    const result = await doJob(job, data, attending);
    options.onEvent({ kind: 'done', job: name, seconds: seconds() });
    return result;
  } catch (error) {
    if (error instanceof bullmq.WaitingChildrenError || error instanceof bullmq.UnrecoverableError) throw error;
    const text = failureText(error);
    options.onEvent({ kind: 'failed', job: name, seconds: seconds(), message: text });
    throw isFinal(error) ? new bullmq.UnrecoverableError(text) : new Error(text, { cause: error });
  }
}

/** `count 3/8 of ghm-..`. */
const nameOf = (data: JobData): string =>
  'index' in data ? `${data.step} ${data.index}/${data.of} of ${data.run}` : `${data.step} of ${data.run}`;

const GIVEN_UP = `exit ${ExitCode.interrupted}: the run was given up`;

/** Whether anyone waits for the job: not where the run was given up, or another job of it has failed. */
async function isWanted(job: Job, { run }: JobData, place: JobQueue): Promise<boolean> {
  if (await isCancelled(place, run)) return false;
  const parent = job.parent?.id === undefined ? undefined : await place.queue.getJob(job.parent.id);
  const { failed = 0 } = (await parent?.getDependenciesCount({ failed: true })) ?? {};
  return failed === 0;
}

/** Has the jobs of a run expire when the last of them has ended. */
async function expireRun(job: Job | undefined, place: JobQueue): Promise<void> {
  if (job?.name !== 'finish' || job.finishedOn === undefined) return;
  const { run, of } = readJobData(job.data);
  await expireJobs(place, run, of);
}

const WATCH_MS = 1000;
const PROGRESS_MS = 500;

async function doJob(job: Job, data: JobData, { options, place, under }: Attending): Promise<object> {
  const controller = new AbortController();
  const id = job.id ?? '';
  under.set(id, controller);
  const look = onceAtATime(async () => {
    if (await isCancelled(place, data.run)) controller.abort();
  });
  const watch = setInterval(look, WATCH_MS);
  let share = 0;
  let told = -Infinity;
  const tell = onceAtATime(() => job.updateProgress(share));
  const onProgress = (done: number): void => {
    share = done;
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    tell();
  };
  // one that has failed or died
  const isAgain = job.attemptsMade > 0 || job.stalledCounter > 0;
  try {
    return await options.perform(data, { signal: controller.signal, onProgress, isAgain });
  } finally {
    clearInterval(watch);
    under.delete(id);
  }
}

/** Asks a server that may be away for what is asked again soon, and does not mind where that fails. */
function onceAtATime(ask: () => Promise<void>): () => void {
  let isAsking = false;
  return () => {
    if (isAsking) return;
    isAsking = true;
    void ask()
      .catch(() => undefined)
      .finally(() => {
        isAsking = false;
      });
  };
}

/** Resolves at the signal; without one never. */
const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });

/** Resolves when the server has been away for so long that there is no use in waiting for it. */
async function gone(client: { readonly status: string }): Promise<void> {
  for (let away = 0; away < CLOSE_MS; away += WATCH_MS) {
    await sleep(WATCH_MS, undefined, { ref: false });
    if (client.status === 'ready') away = 0;
  }
}
