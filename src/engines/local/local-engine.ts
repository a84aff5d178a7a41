import { readFile } from 'node:fs/promises';
import type { ResourceLimits } from 'node:worker_threads';
import type {
  FindTask,
  FoundSamples,
  Grouping,
  GroupLoss,
  OpenResult,
  OpenTask,
  SegmentChecksum,
  StreamWork,
  WeighTask,
  WorkerSetup,
} from '../../../workers/protocol.ts';
import { breath } from '../../breath.ts';
import type { CellCounts } from '../../density/cells.ts';
import { partitionOf } from '../../density/partition.ts';
import { setEntries } from '../../density/set-entries.ts';
import { GhmError } from '../../errors.ts';
import { Control } from '../../memory/control.ts';
import { firstSegments, ShardBoard } from '../../memory/shard-board.ts';
import { createMemory } from '../../memory/shared-memory.ts';
import type { EngineName } from '../../options/engines.ts';
import type { Progress } from '../../options/options.ts';
import { workerFile } from '../../package-files.ts';
import type { MemoryPlan } from '../../plan/buffers.ts';
import { samplesIn } from '../../plan/shards.ts';
import { itemOf, type List } from '../../shared-list/list.ts';
import { SharedList } from '../../shared-list/shared-list.ts';
import type { Part, ReadableArray } from '../../sources/source.ts';
import { withReadable } from '../../spool/with-readable.ts';
import type { BackendFacts } from '../../tfjs/backend-facts.ts';
import { startPool, type WorkerPool } from '../../worker-pool.ts';
import type { CountedShards, DoneListener, Engine, EngineFacts, WeighedShards, WeightTable } from '../engine.ts';
import { recoverCounts } from './recover-counts.ts';
import { runKept } from './run-kept.ts';
import { type Crew, runPass } from './run-pass.ts';
import { readSetCounts, writeSetEntries } from './set-tables.ts';
import { readCounts, writePartition, writeWeights } from './shared-tables.ts';

/** What the threads run. */
export interface ThreadProgram {
  readonly name: EngineName;
  /** A file of the built workers. */
  readonly file: string;
  /** What they are given beside the setup. */
  readonly data?: object;
  /** Whether they have something to load before the first pass, and say what it is. */
  readonly opens?: boolean;
  readonly resourceLimits?: ResourceLimits;
}

/**
 * The kernels. What DuckDB has decoded is freed when its handle is collected as garbage, and handles are so small that with a nursery
 * of the usual size dozens of results wait for it.
 */
const KERNELS: ThreadProgram = {
  name: 'threads',
  file: 'passes.cjs',
  resourceLimits: { maxYoungGenerationSizeMb: 1 },
};

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
  use: (engine: Engine, parts: List<Part<ReadableArray>>) => Promise<T>,
  program: ThreadProgram = KERNELS,
): Promise<T> {
  const { work, plan, out, signal, onProgress } = options;
  // threads take long to start
  await breath(signal);
  const began = performance.now();
  const onUnpacked = (done: number, total: number) =>
    onProgress({ pass: 'unpack', done, total, elapsed: (performance.now() - began) / 1000 });
  return withReadable(work.parts, { out, threads: plan.layout.threads, signal, onUnpacked }, async (parts) => {
    await breath(signal);
    const engine = await startLocalEngine(options, parts, program);
    try {
      return await use(engine, parts);
    } finally {
      await engine.close();
    }
  });
}

async function startLocalEngine(
  { work, plan, bins, signal }: LocalEngineOptions,
  parts: List<Part<ReadableArray>>,
  { name, file, data, opens, resourceLimits }: ThreadProgram,
): Promise<StartedEngine> {
  const { layout, needs } = plan;
  const wasm = await readFile(workerFile('kernels.wasm'));
  const partition = partitionOf({ kind: work.kind, scale: work.scale, bins });
  const memory = createMemory(layout);
  writePartition(memory, plan, partition);
  if (work.sets) writeSetEntries(memory, layout, setEntries(partition));
  const module = await WebAssembly.compile(wasm);
  const first = firstSegments(work.shards);
  const board = ShardBoard.create(work.shards.length, first[work.shards.length], layout.threads);
  const setup: WorkerSetup = {
    ...work,
    parts: SharedList.from(parts).packed,
    outputs: SharedList.from(work.outputs).packed,
    memory,
    board: board.buffer,
    module,
    layout,
    needs,
  };
  const pool = await startPool({
    file,
    threads: layout.threads,
    workerData: { ...setup, ...data },
    resourceLimits,
  });
  const control = new Control(memory);
  const cancel = () => control.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', cancel);
    await pool.close();
  };
  let facts: EngineFacts = { name };
  try {
    if (opens) facts = { name, backend: await openBackend(pool) };
  } catch (error) {
    await close();
    throw error;
  }

  /** Dead workers whose counters are not in order yet. */
  let recovering = 0;
  const crew: Crew = {
    pool,
    control,
    board,
    threads: layout.threads,
    async recover(slot, { pass }) {
      recovering++;
      if (pass === 'count') await recoverCounts({ memory, plan, partition, board }, slot);
      // what the worker of another pass but weighing has found is not in the shared memory
      else board.reopen(slot, pass !== 'weigh');
      recovering--;
    },
    shardName: (shard) => shardName(work, shard),
  };
  const begin = (done: Uint8Array | null): void => {
    board.startPass(done);
    control.startPass(samplesIn(work.shards, done));
  };
  const readSets = () => (work.sets === null ? null : readSetCounts(memory, layout, partition));

  return {
    facts,
    async count(onDone, keeper): Promise<CellCounts> {
      begin(keeper?.kept?.done ?? null);
      if (keeper?.kept) board.inputSums.set(keeper.kept.inputSums);
      const state = (): CountedShards => ({
        done: board.done(),
        inputSums: board.inputSums,
        counts: readCounts(memory, plan, partition),
        sets: readSets(),
      });
      const held = (): CountedShards | undefined => {
        if (recovering > 0 || !board.holdCommits()) return undefined;
        try {
          return state();
        } finally {
          board.releaseCommits();
        }
      };
      let last: CountedShards | undefined;
      const after = (): CountedShards => {
        last = state();
        return last;
      };
      await runKept(crew, { pass: 'count' }, onDone, keeper, { during: held, after, sparing: 50 });
      return last?.counts ?? readCounts(memory, plan, partition);
    },
    setCounts: () => readSetCounts(memory, layout, partition),
    async weigh(table, onDone, keeper): Promise<SegmentChecksum[]> {
      writeWeights(memory, plan, table);
      begin(keeper?.kept?.done ?? null);
      if (keeper?.kept) board.checksums.set(keeper.kept.checksums);
      // a failure or a signal does not wait for the disk: what was not kept is weighed again
      const state = (): WeighedShards => ({ done: board.done(), checksums: board.checksums });
      await runKept(crew, weighTask(table), onDone, keeper, { during: state, sparing: 1 });
      return checksumsOf(work, first, board);
    },
    async find(query: Omit<FindTask, 'pass'>, onDone: DoneListener): Promise<FoundSamples[]> {
      begin(null);
      const done = await runPass(crew, { pass: 'find', ...query }, onDone);
      return done.flatMap(({ found }) => found ?? []);
    },
    async rank(table: WeightTable, grouping: Grouping, onDone: DoneListener): Promise<GroupLoss[]> {
      writeWeights(memory, plan, table);
      begin(null);
      const done = await runPass(crew, { pass: 'rank', grouping }, onDone);
      return done.flatMap(({ losses }) => losses ?? []);
    },
    close,
  };
}

/** Has one thread load what computes, for those that need it, before any sample is read. */
async function openBackend(pool: WorkerPool): Promise<BackendFacts> {
  const opened: OpenResult = await pool.run({ pass: 'open' } satisfies OpenTask);
  if (opened.ok) return opened.backend;
  throw new GhmError(opened.exitCode, opened.message);
}

const weighTask = (table: WeightTable): WeighTask =>
  'regions' in table ? { pass: 'weigh', regionWeights: table.regions } : { pass: 'weigh' };

/** `x.npy: rows 0 to 99`, and how many more files a shard spans. */
function shardName({ shards, parts }: StreamWork, shard: number): string {
  const { segments } = shards[shard];
  const [{ part, firstRow, rows }] = segments;
  const more = segments.length > 1 ? ` and ${segments.length - 1} more` : '';
  return `${itemOf(parts, part).logits.name}: rows ${firstRow} to ${firstRow + rows - 1}${more}`;
}

/** CRC-32 of the weights of every segment, in stream order. */
function checksumsOf(
  { shards, parts, outputBytes }: StreamWork,
  first: Uint32Array,
  board: ShardBoard,
): SegmentChecksum[] {
  return shards.flatMap(({ id, segments }) =>
    segments.map((segment, i) => ({
      ...segment,
      bytes: segment.rows * itemOf(parts, segment.part).classes * outputBytes,
      crc32: board.checksums[first[id] + i],
    })),
  );
}
