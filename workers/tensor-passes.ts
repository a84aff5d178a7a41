import { workerData } from 'node:worker_threads';
import { GhmError } from '../src/errors.ts';
import { tensorBackend } from '../src/tfjs/backend.ts';
import type { BackendChoice, BackendFacts } from '../src/tfjs/backend-facts.ts';
import type { OpenResult, OpenTask, PassResult, SlotTask, WorkerSetup } from './protocol.ts';
import { failureOf, runPass } from './run-pass.ts';
import { TensorPasses } from './tensors/tensor-passes.ts';
import { startWorker, type WorkerBase } from './worker-state.ts';

/** What a worker of tensors is given beside the setup. */
export interface TensorProgram {
  readonly choice: BackendChoice;
  /** M whose regions are counted and weighed. */
  readonly bins: number;
}

interface Started {
  readonly base: WorkerBase;
  readonly passes: TensorPasses;
  readonly backend: BackendFacts;
}

let started: Promise<Started> | undefined;

/** Entry of a worker thread whose arithmetic is TensorFlow.js's, which is loaded when the first task comes. */
export default async function runTensorPass(task: OpenTask | SlotTask): Promise<OpenResult | PassResult> {
  try {
    started ??= start(workerData as WorkerSetup & TensorProgram);
    const { base, passes, backend } = await started;
    if (task.pass === 'open') return { ok: true, backend };
    if (task.pass === 'weigh') passes.regionWeights = task.regionWeights;
    return await runPass(base, task);
  } catch (error) {
    if (error instanceof GhmError) return failureOf(error, 0);
    throw error;
  }
}

async function start({ choice, bins, ...setup }: WorkerSetup & TensorProgram): Promise<Started> {
  const { tf, ...backend } = await tensorBackend(choice);
  // this thread is ours: no advice on the terminal
  tf.env().set('PROD', true);
  const passes = new TensorPasses(tf, setup, bins);
  return { base: startWorker(setup, passes), passes, backend };
}
