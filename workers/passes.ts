import { workerData } from 'node:worker_threads';
import { GhmError } from '../src/errors.ts';
import { countShard } from './count-shard.ts';
import type { ShardTask, TaskFailure, TaskResult, WorkerSetup } from './protocol.ts';
import { weighShard } from './weigh-shard.ts';
import { startWorker } from './worker-state.ts';

const state = startWorker(workerData as WorkerSetup);

/** Entry of a worker thread: one shard of one pass. Never throws; a failure is data. */
export default function runShard(task: ShardTask): TaskResult {
  try {
    if (task.pass === 'count') {
      countShard(state, task.shard);
      return { ok: true, checksums: [] };
    }
    return { ok: true, checksums: weighShard(state, task.shard) };
  } catch (error) {
    return failureOf(error);
  }
}

function failureOf(error: unknown): TaskFailure {
  if (error instanceof GhmError) {
    const exitCode = error.exitCode === 3 || error.exitCode === 130 ? error.exitCode : 1;
    return { ok: false, exitCode, message: error.message };
  }
  const defect = error instanceof Error ? error : new Error(String(error));
  return { ok: false, exitCode: 1, message: defect.message, stack: defect.stack };
}
