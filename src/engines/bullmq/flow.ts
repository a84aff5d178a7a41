import type { FlowJob, JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CountJob, FinishJob, MergeJob, WeighJob } from './job-data.ts';

/** Seconds that the jobs of a finished run can still be looked at. */
const KEPT_SECONDS = 86_400;

/** What all jobs are added with. Failures that another try cannot mend are never tried again, whatever this says. */
const JOB: JobsOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1000 },
  removeOnComplete: { age: KEPT_SECONDS },
  removeOnFail: { age: KEPT_SECONDS },
};
const CHILD: JobsOptions = { ...JOB, failParentOnFailure: true };

type Step = 'count' | 'weigh';

/** Ids of the jobs of a run, which no other run has: a job whose id is known already would not be added. */
export const jobId = {
  shard: (run: string, step: Step, index: number): string => `${run}-${step}-${index}`,
  merge: (run: string): string => `${run}-merge`,
  finish: (run: string): string => `${run}-finish`,
};

const indices = (of: number): number[] => Array.from({ length: of }, (_, i) => i + 1);

/** Every id that a run of `of` shards can have. */
const allIds = (run: string, of: number): string[] => [
  jobId.finish(run),
  jobId.merge(run),
  ...(['count', 'weigh'] as const).flatMap((step) => indices(of).map((index) => jobId.shard(run, step, index))),
];

/** What the jobs of a run are asked for. */
export interface FlowJobs {
  readonly finish: FinishJob;
  readonly merge: MergeJob;
  readonly count: (index: number) => CountJob;
}

/**
 * The jobs of a run as a flow: `finish` waits for `merge`, which waits for all `count`. When they are done, `finish` adds the jobs
 * of pass 2 as children of its own and waits for them.
 */
export function flowOf(queueName: string, { finish, merge, count }: FlowJobs): FlowJob {
  const { run, of } = finish;
  return {
    name: 'finish',
    queueName,
    data: finish,
    opts: { ...JOB, jobId: jobId.finish(run) },
    children: [
      {
        name: 'merge',
        queueName,
        data: merge,
        opts: { ...CHILD, jobId: jobId.merge(run) },
        children: indices(of).map((index) => ({
          name: `count ${index}/${of}`,
          queueName,
          data: count(index),
          opts: { ...CHILD, jobId: jobId.shard(run, 'count', index) },
        })),
      },
    ],
  };
}

/** Adds the jobs of pass 2 below `finish`, those that are there already but once. */
export async function addWeighJobs(queue: Queue, { schema, run, of, out, options }: FinishJob): Promise<void> {
  const parent = { id: jobId.finish(run), queue: queue.qualifiedName };
  await queue.addBulk(
    indices(of).map((index) => {
      const data: WeighJob = { schema, run, of, out, step: 'weigh', index, options };
      const opts = { ...CHILD, jobId: jobId.shard(run, 'weigh', index), parent };
      return { name: `weigh ${index}/${of}`, data, opts };
    }),
  );
}

/** A queue, and the connection that it uses. */
export interface JobQueue {
  readonly queue: Queue;
  readonly client: Redis;
}

/** Ends of the keys that BullMQ has for a job. */
const KEY_ENDS = ['', ':dependencies', ':processed', ':failed', ':unsuccessful', ':logs'];

/** Has the server forget the jobs of a finished run after a day, whether or not anyone ever uses the queue again. */
export async function expireJobs({ queue, client }: JobQueue, run: string, of: number): Promise<void> {
  const pipeline = client.pipeline();
  for (const id of allIds(run, of)) {
    for (const end of KEY_ENDS) pipeline.expire(`${queue.toKey(id)}${end}`, KEPT_SECONDS);
  }
  await pipeline.exec();
}

/** Takes all jobs of a run out of the queue, but for those that a worker still has. */
export async function removeJobs({ queue }: JobQueue, run: string, of: number): Promise<void> {
  await Promise.allSettled(allIds(run, of).map((id) => queue.remove(id, { removeChildren: false })));
}

const CANCELLED_SECONDS = 3600;
const cancelledKey = (queue: Queue, run: string): string => queue.toKey(`${run}-cancelled`);

/** Tells the workers that nobody wants the run any more: they end its jobs. */
export async function cancelRun({ queue, client }: JobQueue, run: string): Promise<void> {
  await client.set(cancelledKey(queue, run), '1', 'EX', CANCELLED_SECONDS);
}

export const isCancelled = async ({ queue, client }: JobQueue, run: string): Promise<boolean> =>
  (await client.exists(cancelledKey(queue, run))) > 0;
