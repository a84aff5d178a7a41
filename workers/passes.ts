import { workerData } from 'node:worker_threads';
import { GhmError } from '../src/errors.ts';
import type { Shard } from '../src/plan/shards.ts';
import { countShard } from './count-shard.ts';
import { Finder } from './find-shard.ts';
import type { PassFailure, PassResult, PassTask, SegmentChecksum, WorkerSetup } from './protocol.ts';
import { Ranker } from './rank-shard.ts';
import { weighShard } from './weigh-shard.ts';
import { startWorker } from './worker-state.ts';

const state = startWorker(workerData as WorkerSetup);

/**
 * Entry of a worker thread: takes one shard after the other until the pass has none left. A message for each shard would
 * cost 0.3 ms of waiting; the shared counter costs one atomic addition. Never throws; a failure is data.
 */
export default async function runPass(task: PassTask): Promise<PassResult> {
  const { control, shards } = state;
  const checksums: SegmentChecksum[] = [];
  const finder = task.pass === 'find' ? new Finder(state, task) : undefined;
  const ranker = task.pass === 'rank' ? new Ranker(state, task) : undefined;
  while (!control.failed) {
    const number = control.claimShard();
    if (number >= shards.length) break;
    try {
      if (finder) await finder.take(shards[number]);
      else if (ranker) await ranker.take(shards[number]);
      else if (task.pass === 'count') await countShard(state, shards[number]);
      else checksums.push(...(await weighShard(state, shards[number])));
    } catch (error) {
      control.fail();
      return failureOf(error, shards[number]);
    }
  }
  return { ok: true, checksums, ...(finder && { found: finder.found() }), ...(ranker && { losses: ranker.losses() }) };
}

function failureOf(error: unknown, shard: Shard): PassFailure {
  if (error instanceof GhmError) {
    const exitCode = error.exitCode === 3 || error.exitCode === 130 ? error.exitCode : 1;
    return { ok: false, shard: shard.id, exitCode, message: error.message };
  }
  const defect = error instanceof Error ? error : new Error(String(error));
  return { ok: false, shard: shard.id, exitCode: 1, message: defect.message, stack: defect.stack };
}
