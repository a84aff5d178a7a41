import { workerData } from 'node:worker_threads';
import { loadChunk } from './chunk.ts';
import { countChunk } from './count-chunk.ts';
import type { PassResult, SlotTask, WorkerSetup } from './protocol.ts';
import { runPass } from './run-pass.ts';
import { weighChunk } from './weigh-chunk.ts';
import { startWorker } from './worker-state.ts';

const base = startWorker(workerData as WorkerSetup, { load: loadChunk, count: countChunk, weigh: weighChunk });

/** Entry of a worker thread whose arithmetic is that of the kernels. */
export default (task: SlotTask): Promise<PassResult> => runPass(base, task);
