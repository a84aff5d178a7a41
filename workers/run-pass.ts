import { GhmError } from '../src/errors.ts';
import { countShard } from './count-shard.ts';
import { Finder } from './find-shard.ts';
import type { PassFailure, PassResult, SlotTask } from './protocol.ts';
import { Ranker } from './rank-shard.ts';
import { weighShard } from './weigh-shard.ts';
import { inSlot, type WorkerBase } from './worker-state.ts';

/**
 * A worker's part in a pass: takes one shard after the other until the pass has none left. A message for each shard would
 * cost 0.3 ms of waiting; the shared board costs an atomic addition. A failure that is told to the user is data; whatever
 * else is thrown is the death of the worker, and its shard is done again.
 */
export async function runPass(base: WorkerBase, task: SlotTask): Promise<PassResult> {
  const state = inSlot(base, task.slot);
  const { control, shardBoard, shards } = state;
  const finder = task.pass === 'find' ? new Finder(state, task) : undefined;
  const ranker = task.pass === 'rank' ? new Ranker(state, task) : undefined;
  while (!control.failed) {
    const number = shardBoard.claim(task.slot);
    if (number === undefined) break;
    try {
      if (task.pass === 'count') {
        await countShard(state, shards[number]);
        continue;
      }
      if (finder) await finder.take(shards[number]);
      else if (ranker) await ranker.take(shards[number]);
      else await weighShard(state, shards[number]);
      shardBoard.finish(task.slot, number);
    } catch (error) {
      if (!(error instanceof GhmError)) throw error;
      control.fail();
      return failureOf(error, number);
    }
  }
  return { ok: true, ...(finder && { found: finder.found() }), ...(ranker && { losses: ranker.losses() }) };
}

/** A failure crosses threads as data; `shard` says which comes first. */
export function failureOf(error: GhmError, shard: number): PassFailure {
  const exitCode = error.exitCode === 3 || error.exitCode === 130 ? error.exitCode : 1;
  return { ok: false, shard, exitCode, message: error.message };
}
