import { readFile } from 'node:fs/promises';
import type {
  FindTask,
  FoundSamples,
  Grouping,
  GroupLoss,
  PassDone,
  PassResult,
  PassTask,
  SegmentChecksum,
  StreamWork,
  WorkerSetup,
} from '../../../workers/protocol.ts';
import type { CellCounts } from '../../density/cells.ts';
import { partitionOf } from '../../density/partition.ts';
import { setEntries } from '../../density/set-entries.ts';
import { GhmError, interrupted, runError } from '../../errors.ts';
import { Control } from '../../memory/control.ts';
import { createMemory } from '../../memory/layout.ts';
import type { Progress } from '../../options/options.ts';
import { workerFile } from '../../package-files.ts';
import type { MemoryPlan } from '../../plan/buffers.ts';
import type { Part, ReadableArray } from '../../sources/source.ts';
import { withReadable } from '../../spool/with-readable.ts';
import { startPool, type WorkerPool } from '../../worker-pool.ts';
import type { DoneListener, Engine, WeightTable } from '../engine.ts';
import { readSetCounts, writeSetEntries } from './set-tables.ts';
import { readCounts, writePartition, writeWeights } from './shared-tables.ts';

const PROGRESS_INTERVAL_MS = 100;

interface StartedEngine extends Engine {
  close(): Promise<void>;
}

export interface LocalEngineOptions {
  readonly work: StreamWork;
  readonly plan: MemoryPlan;
  /** M whose regions are counted exactly and weighed. */
  readonly bins: number;
  readonly signal: AbortSignal | undefined;
  /** The output of the run: what has to be unpacked is unpacked near it. */
  readonly out: string;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Runs `use` with worker threads on this machine around one shared memory, and ends them afterwards. `use` is given the
 * parts as workers read them, too.
 */
export async function withLocalEngine<T>(
  options: LocalEngineOptions,
  use: (engine: Engine, parts: readonly Part<ReadableArray>[]) => Promise<T>,
): Promise<T> {
  const { work, plan, out, signal, onProgress } = options;
  const began = performance.now();
  const onUnpacked = (done: number, total: number) =>
    onProgress({ pass: 'unpack', done, total, elapsed: (performance.now() - began) / 1000 });
  return withReadable(work.parts, { out, threads: plan.layout.threads, signal, onUnpacked }, async (parts) => {
    const engine = await startLocalEngine(options, parts);
    try {
      return await use(engine, parts);
    } finally {
      await engine.close();
    }
  });
}

async function startLocalEngine(
  { work, plan, bins, signal }: LocalEngineOptions,
  parts: readonly Part<ReadableArray>[],
): Promise<StartedEngine> {
  const { layout, needs } = plan;
  const wasm = await readFile(workerFile('kernels.wasm'));
  const partition = partitionOf({ kind: work.kind, scale: work.scale, bins });
  const memory = createMemory(layout);
  writePartition(memory, plan, partition);
  if (work.sets) writeSetEntries(memory, layout, setEntries(partition));
  const module = await WebAssembly.compile(wasm);
  const setup: WorkerSetup = { ...work, parts, memory, module, layout, needs };
  const pool = await startPool({ file: 'passes.js', threads: layout.threads, workerData: setup });
  const control = new Control(memory, layout);
  const cancel = () => control.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();

  return {
    async count(onDone: DoneListener): Promise<CellCounts> {
      await runPass(pool, control, layout.threads, { pass: 'count' }, onDone);
      return readCounts(memory, plan, partition);
    },
    setCounts: () => readSetCounts(memory, layout, partition),
    async weigh(table: WeightTable, onDone: DoneListener): Promise<SegmentChecksum[]> {
      writeWeights(memory, plan, table);
      const done = await runPass(pool, control, layout.threads, { pass: 'weigh' }, onDone);
      return done.flatMap(({ checksums }) => checksums).sort((a, b) => a.part - b.part || a.firstRow - b.firstRow);
    },
    async find(query: Omit<FindTask, 'pass'>, onDone: DoneListener): Promise<FoundSamples[]> {
      const done = await runPass(pool, control, layout.threads, { pass: 'find', ...query }, onDone);
      return done.flatMap(({ found }) => found ?? []);
    },
    async rank(table: WeightTable, grouping: Grouping, onDone: DoneListener): Promise<GroupLoss[]> {
      writeWeights(memory, plan, table);
      const done = await runPass(pool, control, layout.threads, { pass: 'rank', grouping }, onDone);
      return done.flatMap(({ losses }) => losses ?? []);
    },
    async close(): Promise<void> {
      signal?.removeEventListener('abort', cancel);
      await pool.close();
    },
  };
}

/**
 * Starts one task a thread; each takes shards until none are left. After a failure no further shard is taken, those under
 * way are waited for, and the failure of the earliest shard is thrown: the same one in every run.
 */
async function runPass(
  pool: WorkerPool,
  control: Control,
  threads: number,
  task: PassTask,
  onDone: DoneListener,
): Promise<PassDone[]> {
  control.startPass();
  let thrown: { readonly error: unknown } | undefined;
  const timer = setInterval(() => {
    try {
      onDone(control.done);
    } catch (error) {
      // the caller's own error ends the run
      thrown ??= { error };
      control.cancel();
    }
  }, PROGRESS_INTERVAL_MS);
  const work = Array.from({ length: threads }, async (): Promise<PassResult> => {
    try {
      return await pool.run(task);
    } catch (error) {
      // the worker itself broke: out of memory, or a defect in its start
      control.fail();
      throw runError(`a worker thread failed: ${String(error)}`, error);
    }
  });
  let ended: PromiseSettledResult<PassResult>[];
  try {
    ended = await Promise.allSettled(work);
  } finally {
    clearInterval(timer);
  }
  if (thrown) throw thrown.error;
  const results = ended.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
  const failures = results.filter((result) => !result.ok).sort((a, b) => a.shard - b.shard);
  if (failures.length > 0) {
    if (control.cancelled) throw interrupted();
    const [{ exitCode, message, stack }] = failures;
    throw new GhmError(exitCode, message, { cause: stack });
  }
  onDone(control.done);
  return results.filter((result) => result.ok);
}
