import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { breathing } from '../breath.ts';
import type { CountJob, FinishJob, JobData, MergeJob, WeighJob } from '../engines/bullmq/job-data.ts';
import type { JobContext } from '../engines/bullmq/serve.ts';
import { type CompleteWorkerOptions, validateWorker, type WorkerOptions } from '../options/bullmq-options.ts';
import { ENGINES } from '../options/engines.ts';
import type { Progress } from '../options/options.ts';
import { redisName } from '../options/redis-url.ts';
import { validateFinish, validateHistogram, validateMerge, validateShardApply } from '../options/validate.ts';
import { applyShard } from './apply-shard.ts';
import { SUMMARY_FILE } from './finish.ts';
import { finishShards } from './finish-shards.ts';
import { histogram } from './histogram.ts';
import { inputLists } from './input-lists.ts';
import { merge } from './merge.ts';
import { Roots } from './roots.ts';
import { folderOfRun, type RunFolder } from './run-folder.ts';
import { RECORD_FILE, readRecords, shardFolder } from './shard-record.ts';

/**
 * Does the jobs of `reweight` with `engine: 'bullmq'`, one after the other, on the threads of this machine, until the signal;
 * the job that it has then is done to its end. Files outside the roots are neither read nor written, whatever jobs ask for.
 *
 * @throws GhmError with the exit code the command line would end with; a job that fails ends no worker
 */
export async function worker(rawOptions: WorkerOptions): Promise<void> {
  const options = validateWorker(rawOptions);
  const roots = new Roots(options.roots);
  const { serve } = await import('../engines/bullmq/serve.ts');
  const { onEvent, redis, queue } = options;
  await serve({
    ...options,
    onListening: () => onEvent({ kind: 'listening', queue, redis: redisName(redis), roots: roots.folders }),
    perform: (job, context) => perform(job, { ...context, options, roots }),
  });
}

interface Performing extends JobContext {
  readonly options: CompleteWorkerOptions;
  readonly roots: Roots;
}

/** One step of a run. What it returns is kept in the queue. */
async function perform(job: JobData, performing: Performing): Promise<object> {
  const folder = folderOfRun(job);
  for (const path of [job.out, folder.path, folder.counts, folder.merged, folder.shards]) performing.roots.check(path);
  if (job.step === 'count') return count(job, folder, performing);
  if (job.step === 'merge') return mergeAll(job, folder, performing);
  if (job.step === 'weigh') return weigh(job, folder, performing);
  return finishAll(job, folder, performing);
}

async function count({ options, index, of }: CountJob, folder: RunFolder, performing: Performing): Promise<object> {
  const given = { ...options, shard: `${index}/${of}`, out: folder.partial(index), force: false };
  const complete = validateHistogram({ ...given, ...runOptions(performing, 'count') });
  for (const list of inputLists(complete)) await performing.roots.checkInputs(list);
  performing.roots.check(complete.out);
  const { total, ignored, seconds } = await histogram(complete);
  return { total, ignored, seconds };
}

async function mergeAll({ of }: MergeJob, folder: RunFolder, { roots }: Performing): Promise<object> {
  const partials = Array.from({ length: of }, (_, i) => folder.partial(i + 1));
  for (const partial of partials) roots.check(partial);
  // another worker may have written it, and died then
  const { total, ignored, seconds } = await merge(validateMerge({ partials, out: folder.merged, force: true }));
  return { total, ignored, seconds };
}

async function weigh({ options, index, of }: WeighJob, folder: RunFolder, performing: Performing): Promise<object> {
  const given = { ...options, shard: `${index}/${of}`, density: folder.merged, out: folder.path, force: false };
  const complete = validateShardApply({ ...given, ...runOptions(performing, 'weigh') });
  for (const list of inputLists(complete)) await performing.roots.checkInputs(list);
  performing.roots.check(join(folder.shards, shardFolder({ index, of })));
  const { samples, pass } = await applyShard(complete);
  return { samples, seconds: pass.seconds };
}

async function finishAll({ out, force, of }: FinishJob, folder: RunFolder, performing: Performing): Promise<object> {
  const { roots, isAgain, signal, options } = performing;
  // another worker has done all of it, and died before it could say so
  if (isAgain && !existsSync(folder.path) && existsSync(join(out, SUMMARY_FILE))) return { out };
  for (let index = 1; index <= of; index++) {
    const shard = join(folder.shards, shardFolder({ index, of }));
    for (const path of [shard, join(shard, RECORD_FILE)]) roots.check(path);
  }
  for (const { pieces, index, options: weighed } of await readRecords(folder.path, breathing(signal))) {
    for (const { path } of pieces) roots.check(join(folder.shards, shardFolder({ index, of }), path));
    const shard = `${index}/${of}`;
    for (const list of inputLists(validateShardApply({ ...weighed, shard }))) await roots.checkInputs(list);
  }
  const finishing = { out, force: force || isAgain, signal, onWarning: options.onWarning };
  await finishShards(folder.path, validateFinish(finishing));
  await rm(folder.path, { recursive: true, force: true });
  return { out };
}

/** What every worker has of its own. */
const runOptions = (
  { options: { threads, memory, onWarning }, signal, onProgress }: Performing,
  pass: Progress['pass'],
): object => ({
  engine: ENGINES[0],
  threads,
  memory,
  signal,
  onWarning,
  onProgress: (progress: Progress) => {
    if (progress.pass === pass) onProgress(progress.done / Math.max(1, progress.total));
  },
});
