import { mkdirSync } from 'node:fs';
import { open, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { shardSamplesFor } from '../src/plan/shards.ts';

/** One part of a generated stream: float32 logits and uint8 labels. */
export interface PartPaths {
  readonly logits: string;
  readonly labels: string;
  readonly samples: number;
}

/** As src/plan/buffers.ts has it when memory allows. */
const CHUNK_SAMPLES = 1 << 17;
/** Header of the npy files that `generate` and ghm write. */
const HEADER_BYTES = 128;

/**
 * The reads and writes of `ghm reweight` and nothing else: worker threads read every byte of logits and labels twice and
 * write four bytes a sample, in ghm's chunks and shards, from and to memory that they share; then fsync and rename.
 *
 * @returns seconds of the passes and of the flush
 */
export async function rawIo(parts: readonly PartPaths[], out: string, threads: number): Promise<{ flush: number }> {
  const staged = join(out, '.raw');
  mkdirSync(staged, { recursive: true });
  const files = parts.map(({ logits, labels }, part) => {
    return { logits, labels, out: join(staged, `part-${part}`), dataOffset: HEADER_BYTES };
  });
  const total = parts.reduce((sum, { samples }) => sum + samples, 0);
  const shard = shardSamplesFor(total);
  const ranges = parts.flatMap(({ samples }, part) =>
    Array.from({ length: Math.ceil(samples / shard) }, (_, i) => {
      return { part, first: i * shard, samples: Math.min(shard, samples - i * shard) };
    }),
  );
  for (const [part, file] of files.entries()) {
    await (await open(file.out, 'w')).close();
    await truncate(file.out, HEADER_BYTES + 4 * parts[part].samples);
  }
  const memory = new SharedArrayBuffer(threads * 5 * CHUNK_SAMPLES);
  const workers = Array.from({ length: threads }, (_, i) => {
    const at = i * 5 * CHUNK_SAMPLES;
    const arena = { logits: at, labels: at + 4 * CHUNK_SAMPLES };
    const workerData = { memory, ranges, files, arena, chunk: CHUNK_SAMPLES };
    return new Worker(new URL('./raw-io-worker.mjs', import.meta.url), { workerData, execArgv: [] });
  });
  for (const write of [false, true]) {
    const next = new Int32Array(new SharedArrayBuffer(4));
    await Promise.all(workers.map((worker) => runPass(worker, { next, write })));
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  const began = performance.now();
  for (const file of files) {
    const handle = await open(file.out, 'r+');
    await handle.sync();
    await handle.close();
  }
  for (const [part, file] of files.entries()) await rename(file.out, join(out, `raw-${part}`));
  await rm(staged, { recursive: true });
  return { flush: (performance.now() - began) / 1000 };
}

function runPass(worker: Worker, task: { readonly next: Int32Array; readonly write: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => {
      worker.off('error', reject);
      resolve();
    });
    worker.once('error', reject);
    worker.postMessage(task);
  });
}
