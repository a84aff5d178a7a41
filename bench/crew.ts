import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { betaTable } from '../src/density/beta-table.ts';
import { partitionOf } from '../src/density/partition.ts';
import { LOGITS } from '../src/density/scale.ts';
import { unitRegionDensity } from '../src/density/unit-regions.ts';
import { readCounts, writeBetaTable, writePartition } from '../src/engines/local/shared-tables.ts';
import { blockKeys, blockRows } from '../src/generate/block.ts';
import { quantileTables } from '../src/generate/distribution.ts';
import { arenaOf } from '../src/memory/layout.ts';
import { createMemory } from '../src/memory/shared-memory.ts';
import { planMemory } from '../src/plan/buffers.ts';
import { shardSamplesFor } from '../src/plan/shards.ts';
import { SEED } from './data.ts';
import type { KernelMemory } from './kernel-memory.ts';

export type Pass = 'count' | 'weigh';

const NEEDS = { raw: 0, logits: 4, labels: 0, operand: 0, codes: 1, classes: 0, out: 4, losses: 0 };
const BUDGET = 3 * 2 ** 30;

/** Threads that wait, each with a chunk of samples of its own in its arena: nothing is shared but the cores' caches. */
export class Crew {
  readonly threads: number;
  /** Samples of a chunk. */
  readonly samples: number;
  private readonly workers: readonly Worker[];
  private readonly counted: () => number;

  private constructor(workers: readonly Worker[], samples: number, counted: () => number) {
    this.threads = workers.length;
    this.workers = workers;
    this.samples = samples;
    this.counted = counted;
  }

  static async start(threads: number, bins: number): Promise<Crew> {
    const partition = partitionOf({ kind: 'float32', scale: LOGITS, bins });
    const plan = planMemory(threads, partition.thresholds.length, BUDGET, NEEDS, 1);
    const { layout } = plan;
    const samples = layout.chunkSamples;
    const memory = createMemory(layout);
    writePartition(memory, plan, partition);
    const module = new WebAssembly.Module(readFileSync(new URL('../dist/workers/kernels.wasm', import.meta.url)));
    const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelMemory['kernels'];
    const arenas = Array.from({ length: threads }, (_, index) => arenaOf(layout, NEEDS, index));
    const tables = quantileTables();
    for (const [thread, { logits, codes, out }] of arenas.entries()) {
      new Float32Array(memory.buffer, out, tables.length).set(tables);
      for (let row = 0; row < samples; row += blockRows(1)) {
        const [key0, key1] = blockKeys(SEED + thread, row);
        const rows = Math.min(blockRows(1), samples - row);
        kernels.generateFloat32(rows, 1, 1, key0, key1, out, logits + 4 * row, codes + row, 0);
      }
    }
    const counted = () => readCounts(memory, plan, partition);
    const pieces = [layout.first, layout.thresholdBits, layout.thresholds];
    const weights = [layout.beta, layout.betaSplits];
    const chunksPerShard = Math.round(shardSamplesFor(5e8) / samples);
    const workers = arenas.map((arena) => {
      const workerData = { memory, module, arena, pieces, weights, samples, chunksPerShard };
      return new Worker(new URL('./scaling-worker.mjs', import.meta.url), { workerData, execArgv: [] });
    });
    await Promise.all(workers.map(answered));
    const crew = new Crew(workers, samples, () =>
      counted()
        .cells.flatMap((table) => [...table])
        .reduce((a, b) => a + b),
    );
    await crew.run('count', threads);
    const { beta } = unitRegionDensity(counted(), {
      bins,
      normalize: 'valid-bins',
      maxWeight: undefined,
      meanOne: false,
    });
    const bits = (weight: number) => new Uint32Array(Float32Array.of(weight).buffer)[0];
    writeBetaTable(memory, plan, betaTable(partition, beta, bits));
    return crew;
  }

  /** A pass over `chunks` chunks in all, as evenly as they can be shared; seconds from the release to the last end. */
  async run(pass: Pass, chunks: number): Promise<number> {
    const before = pass === 'count' ? this.counted() : 0;
    const ends = this.workers.map(answered);
    const start = performance.now();
    for (const [i, worker] of this.workers.entries()) {
      worker.postMessage({ pass, chunks: Math.floor((chunks + i) / this.threads) });
    }
    await Promise.all(ends);
    const seconds = (performance.now() - start) / 1000;
    if (pass === 'count' && this.counted() - before !== chunks * this.samples) throw new Error('samples were lost');
    return seconds;
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

const answered = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('message', () => {
      worker.off('error', reject);
      resolve();
    });
    worker.once('error', reject);
  });
