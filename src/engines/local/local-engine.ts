import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import type {
  OutputFile,
  SegmentChecksum,
  ShardTask,
  TaskFailure,
  TaskResult,
  WorkerSetup,
} from '../../../workers/protocol.ts';
import type { BetaTable } from '../../density/beta-table.ts';
import type { CellCounts, CellKind } from '../../density/cells.ts';
import { partitionOf } from '../../density/partition.ts';
import { GhmError, interrupted, runError } from '../../errors.ts';
import { Control, createMemory } from '../../memory/layout.ts';
import type { NonFinite } from '../../options/options.ts';
import type { MemoryPlan } from '../../plan/buffers.ts';
import type { Shard } from '../../plan/shards.ts';
import type { Part } from '../../sources/source.ts';
import type { DoneListener, Engine } from '../engine.ts';
import { readCounts, writeBetaTable, writePartition } from './shared-tables.ts';

/** Worker files run as built JavaScript, also when this file runs as TypeScript under the tests. */
const BUILT = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/workers/' : '../../../workers/',
  import.meta.url,
);

const PROGRESS_INTERVAL_MS = 100;

export interface LocalEngineOptions {
  readonly plan: MemoryPlan;
  readonly kind: CellKind;
  /** M whose regions are counted exactly and weighed. */
  readonly bins: number;
  readonly parts: readonly Part[];
  readonly nonFinite: NonFinite;
  /** Whether pass 2 has to look for NaN itself, as no pass 1 did. */
  readonly checkWhileWeighing: boolean;
  /** One a part, or empty where nothing is weighed. */
  readonly outputs: readonly OutputFile[];
  readonly outputBytes: 2 | 4;
  readonly signal: AbortSignal | undefined;
}

/** Starts worker threads on this machine, around one shared memory. */
export async function startLocalEngine(options: LocalEngineOptions): Promise<Engine> {
  const { plan, kind, bins, signal } = options;
  const { layout, needs } = plan;
  const [{ Piscina }, wasm] = await Promise.all([import('piscina'), readFile(new URL('kernels.wasm', BUILT))]);
  const partition = partitionOf(kind, bins);
  const memory = createMemory(layout);
  writePartition(memory, plan, partition);
  const module = await WebAssembly.compile(wasm);
  const { parts, nonFinite, checkWhileWeighing, outputs, outputBytes } = options;
  const setup: WorkerSetup = {
    memory,
    module,
    layout,
    needs,
    kind,
    parts,
    nonFinite,
    checkWhileWeighing,
    outputs,
    outputBytes,
  };
  const pool = new Piscina({
    filename: fileURLToPath(new URL('passes.js', BUILT)),
    minThreads: layout.threads,
    maxThreads: layout.threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData: setup,
  });
  const control = new Control(memory, layout);
  const cancel = () => control.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();

  const pass = (name: ShardTask['pass'], shards: readonly Shard[], onDone: DoneListener) =>
    runPass(pool, control, layout.threads, name, shards, onDone);

  return {
    async count(shards: readonly Shard[], onDone: DoneListener): Promise<CellCounts> {
      await pass('count', shards, onDone);
      return readCounts(memory, plan, partition);
    },
    async weigh(table: BetaTable, shards: readonly Shard[], onDone: DoneListener): Promise<SegmentChecksum[]> {
      writeBetaTable(memory, plan, table);
      return pass('weigh', shards, onDone);
    },
    async close(): Promise<void> {
      signal?.removeEventListener('abort', cancel);
      await pool.destroy();
    },
  };
}

/**
 * Sends every shard to the pool, in order, never more than twice the threads at once. After a failure no further shard
 * is sent, those under way are waited for, and the failure of the earliest shard is thrown: the same one in every run.
 */
async function runPass(
  pool: Piscina,
  control: Control,
  threads: number,
  pass: ShardTask['pass'],
  shards: readonly Shard[],
  onDone: DoneListener,
): Promise<SegmentChecksum[]> {
  control.resetDone();
  const results = new Array<readonly SegmentChecksum[]>(shards.length);
  const failures: { shard: number; error: GhmError }[] = [];
  let next = 0;
  const lane = async () => {
    while (next < shards.length && failures.length === 0) {
      const shard = shards[next++];
      try {
        const task: ShardTask = { pass, shard };
        const result: TaskResult = await pool.run(task);
        if (result.ok) results[shard.id] = result.checksums;
        else failures.push({ shard: shard.id, error: errorOf(result) });
      } catch (error) {
        // the worker itself broke: out of memory, or a defect in its start
        failures.push({ shard: shard.id, error: runError(`a worker thread failed: ${String(error)}`, error) });
      }
    }
  };
  const timer = setInterval(() => onDone(control.done), PROGRESS_INTERVAL_MS);
  try {
    await Promise.all(Array.from({ length: 2 * threads }, lane));
  } finally {
    clearInterval(timer);
  }
  if (failures.length > 0) {
    if (control.cancelled) throw interrupted();
    failures.sort((a, b) => a.shard - b.shard);
    throw failures[0].error;
  }
  onDone(control.done);
  return results.flat();
}

function errorOf(failure: TaskFailure): GhmError {
  return new GhmError(failure.exitCode, failure.message, { cause: failure.stack });
}
