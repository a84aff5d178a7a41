import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { GhmError, interrupted, runError } from '../../errors.ts';
import type { CompleteQueueOptions } from '../../options/bullmq-options.ts';
import type { Progress } from '../../options/options.ts';
import { redisName } from '../../options/redis-url.ts';
import { failureOf } from './failure.ts';
import { cancelRun, expireJobs, type FlowJobs, flowOf, type JobQueue, jobId, removeJobs } from './flow.ts';
import { connect, refusal } from './redis.ts';

export interface RunFlowOptions extends CompleteQueueOptions {
  readonly jobs: FlowJobs;
  /** Of the whole stream. */
  readonly samples: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
}

const POLL_MS = 250;
/** How long workers are given to end the jobs of a run that nobody wants any more. */
const END_MS = 10_000;

/**
 * Adds the jobs of a run and waits for its end. Jobs of a run that failed or was interrupted are taken out of the queue; those of
 * a finished one expire.
 *
 * @throws GhmError the failure of the job that failed first, or interrupted
 */
export async function runFlow(options: RunFlowOptions): Promise<void> {
  const { redis, queue: name, jobs, signal, onWarning } = options;
  const { run, of } = jobs.finish;
  const server = await connect(redis, { signal, onLost: onWarning });
  const { bullmq, client } = server;
  const queue = new bullmq.Queue(name, { connection: client });
  const producer = new bullmq.FlowProducer({ connection: client });
  // connections report their errors themselves
  queue.on('error', () => {});
  producer.on('error', () => {});
  const place: JobQueue = { queue, client };
  try {
    await unlessAborted(producer.add(flowOf(name, jobs)), signal);
    await waitForEnd(queue, options);
    await expireJobs(place, run, of);
  } catch (error) {
    const ending = endRun(place, run, of, signal?.aborted ?? false).catch(() => undefined);
    // a server that is away, or full, cannot be told; a wait that goes on would keep the process
    const ended = new AbortController();
    await Promise.race([ending, sleep(END_MS + 1000, undefined, { signal: ended.signal })]);
    ended.abort();
    throw error instanceof GhmError ? error : refusal(redis, error);
  } finally {
    server.close();
  }
}

async function waitForEnd(queue: Queue, options: RunFlowOptions): Promise<void> {
  const { redis, signal, onWarning, jobs } = options;
  const { run } = jobs.finish;
  const report = progressOf(options);
  for (let polls = 0; ; polls++) {
    const state = await unlessAborted(lookAt(queue, run), signal);
    if (state.failed !== null) throw state.failed;
    if (state.isDone) return;
    report(state);
    if (polls === 8 && (await unlessAborted(queue.getWorkersCount(), signal)) === 0) {
      onWarning(`no worker listens to queue ${queue.name} of ${redisName(redis)}: start some with ghm worker`);
    }
    await unlessAborted(sleep(POLL_MS), signal);
  }
}

/** What the jobs of a run say of it. */
interface FlowState {
  readonly pass: 'count' | 'weigh' | 'write';
  /** Jobs of the pass that are done, those under way in part. */
  readonly done: number;
  readonly isDone: boolean;
  readonly failed: Error | null;
}

async function lookAt(queue: Queue, run: string): Promise<FlowState> {
  const [finish, merge]: (Job | undefined)[] = await Promise.all([
    queue.getJob(jobId.finish(run)),
    queue.getJob(jobId.merge(run)),
  ]);
  if (finish === undefined) {
    throw runError(
      `the jobs of ${run} are gone from the queue: removed, or lost by a server that restarted and keeps nothing on its disk`,
    );
  }
  const isDone = (await finish.getState()) === 'completed';
  const failed = isDone ? null : await failureBelow(queue, [finish, merge]);
  const weighing = (merge?.finishedOn ?? 0) > 0;
  const counts = await (weighing ? finish : merge)?.getDependenciesCount({ processed: true, unprocessed: true });
  const processed = (counts?.processed ?? 0) - (weighing ? 1 : 0);
  const all = await queue.getActive();
  const active = all.filter(
    ({ id, name }) => id?.startsWith(`${run}-`) && name.startsWith(weighing ? 'weigh' : 'count'),
  );
  const partly = active.reduce((sum, { progress }) => sum + (typeof progress === 'number' ? progress : 0), 0);
  const pass = !weighing ? 'count' : finish.data.weighing === true && counts?.unprocessed === 0 ? 'write' : 'weigh';
  return { pass, done: Math.max(0, processed) + partly, isDone, failed };
}

/** Why a run failed, if it did: what a job says whose failure made others fail. */
async function failureBelow(queue: Queue, jobs: readonly (Job | undefined)[]): Promise<Error | null> {
  for (const job of jobs) {
    if (job === undefined) continue;
    const { failed = [] } = await job.getDependencies({ failed: { count: 1 } });
    const child = failed[0] && (await queue.getJob(failed[0].slice(queue.toKey('').length)));
    if (child && child.name !== 'merge') return failureOf(child.failedReason, child.name);
  }
  for (const job of jobs) {
    if (await job?.isFailed()) return failureOf(job?.failedReason ?? '', job?.name ?? '');
  }
  return null;
}

/** Turns states into progress of a pass in samples. */
function progressOf({ samples, jobs, onProgress }: RunFlowOptions): (state: FlowState) => void {
  const { of } = jobs.finish;
  let pass = '';
  let began = performance.now();
  return (state) => {
    if (state.pass !== pass) began = performance.now();
    pass = state.pass;
    const done = state.pass === 'write' ? 0 : Math.round((samples * Math.min(of, state.done)) / of);
    onProgress({ pass: state.pass, done, total: samples, elapsed: (performance.now() - began) / 1000 });
  };
}

/**
 * Has the workers end the jobs of a run that nobody wants any more, and takes those out that wait. The others stay to be looked
 * at, and expire, or go too.
 */
async function endRun(place: JobQueue, run: string, of: number, isRemoved: boolean): Promise<void> {
  const { queue } = place;
  await cancelRun(place, run);
  const until = Date.now() + END_MS;
  do {
    for (const id of [jobId.merge(run), jobId.finish(run)]) {
      const job = await queue.getJob(id);
      await job?.removeUnprocessedChildren();
    }
    await sleep(POLL_MS);
  } while (Date.now() < until && (await queue.getActive()).some(({ id }) => id?.startsWith(`${run}-`)));
  await expireJobs(place, run, of);
  if (isRemoved) await removeJobs(place, run, of);
}

/** What a promise gives, or the end of the run where that is asked for first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(interrupted());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
