import { partitionOf } from '../density/partition.ts';
import { LOGITS } from '../density/scale.ts';
import { writePartition } from '../engines/local/shared-tables.ts';
import { interrupted, runError } from '../errors.ts';
import { quantileTables } from '../generate/distribution.ts';
import { createMemory } from '../memory/shared-memory.ts';
import { startPool } from '../worker-pool.ts';
import { Barrier } from './barrier.ts';
import type { BenchLayout } from './layout.ts';
import type { BenchSetup, LaneAnswer, LaneResult, LaneTask } from './protocol.ts';

/** The threads of a bench around one shared memory. */
export interface Crew {
  readonly memory: WebAssembly.Memory;
  readonly layout: BenchLayout;
  /** The most lanes of a run. */
  readonly threads: number;
  /** Runs lanes 0 to `lanes` - 1 at the same time. @throws GhmError (interrupted, or a lane's failure) */
  run(lanes: number, taskOf: (lane: number) => LaneTask): Promise<readonly LaneResult[]>;
  close(): Promise<void>;
}

export interface CrewOptions {
  readonly layout: BenchLayout;
  readonly wasm: Uint8Array;
  readonly threads: number;
  readonly samples: number;
  readonly bins: number;
  readonly signal: AbortSignal | undefined;
}

/** Starts as many threads as the largest run needs. */
export async function startCrew({ layout, wasm, threads, samples, bins, signal }: CrewOptions): Promise<Crew> {
  const memory = createMemory({ ...layout.plan.layout, bytes: layout.bytes });
  writePartition(memory, layout.plan, partitionOf({ kind: 'float32', scale: LOGITS, bins }));
  new Float32Array(memory.buffer, layout.tables).set(quantileTables());
  const words = Barrier.words();
  const barrier = new Barrier(words);
  const module = await WebAssembly.compile(Buffer.from(wasm));
  const setup: BenchSetup = { memory, module, layout, barrier: words, samples };
  const pool = await startPool({ file: 'bench.cjs', threads, workerData: setup });
  const stop = (): void => {
    barrier.cancel();
    void pool.close();
  };
  signal?.addEventListener('abort', stop, { once: true });

  const runLane = async (task: LaneTask): Promise<LaneResult> => {
    let answer: LaneAnswer;
    try {
      answer = await pool.run(task);
    } catch (error) {
      // the worker itself broke, or the pool was closed: the other lanes must not wait for this one
      barrier.cancel();
      throw signal?.aborted ? interrupted() : runError(`a worker thread failed: ${String(error)}`, error);
    }
    if (answer.ok) return answer;
    throw signal?.aborted ? interrupted() : runError(`a worker thread failed: ${answer.message}`, answer.stack);
  };

  return {
    memory,
    layout,
    threads,
    async run(lanes, taskOf) {
      if (signal?.aborted) throw interrupted();
      barrier.resetShards();
      // each worker has one task at a time, so that all lanes run although each waits for all
      return Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(taskOf(lane))));
    },
    async close() {
      signal?.removeEventListener('abort', stop);
      await pool.close();
    },
  };
}

/** Seconds from the first lane's release to the last one's end. */
export function secondsOf(lanes: readonly LaneResult[]): number {
  const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
  const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  const began = lanes.map((lane) => lane.began).reduce(least);
  const ended = lanes.map((lane) => lane.ended).reduce(most);
  return Math.max(1, Number(ended - began)) / 1e9;
}
