import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { workerFile } from './package-files.ts';

interface PoolOptions {
  /** A file of the built workers. */
  readonly file: string;
  readonly threads: number;
  readonly workerData?: unknown;
  /** Of the heap of each thread. */
  readonly resourceLimits?: ResourceLimits | undefined;
}

export interface WorkerPool {
  readonly run: Piscina['run'];
  /** Ends the threads; tasks under way are given up. Called again it waits for the same end. */
  close(): Promise<void>;
}

let openPools = 0;

/** Threads in a row that end before they are ready. */
const MOST_FAILED_STARTS = 10;

/** Loads what threads are started with, while there is something else to wait for: it takes 15 ms. */
export function loadPool(): void {
  // where it cannot be had, startPool says so
  import('piscina').catch(() => undefined);
}

/**
 * Starts threads that stay until the pool is closed. Of threads that compile in the background Node 20 can abort the whole process,
 * when one of them ends during such a compilation; threads started meanwhile compile in the foreground.
 * A thread that ends is replaced, and the task that it had is rejected.
 */
export async function startPool({ file, threads, workerData, resourceLimits }: PoolOptions): Promise<WorkerPool> {
  const { Piscina } = await import('piscina');
  if (openPools++ === 0) setFlagsFromString('--no-concurrent-recompilation');
  const pool = new Piscina({
    filename: fileURLToPath(workerFile(file)),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData,
    ...(resourceLimits && { resourceLimits }),
  });
  const unstartable = replaceThreads(pool, threads);
  let closed: Promise<void> | undefined;
  return {
    run: (...task) => Promise.race([pool.run(...task), unstartable]),
    close() {
      closed ??= pool.destroy().finally(() => {
        if (--openPools === 0) setFlagsFromString('--concurrent-recompilation');
      });
      return closed;
    },
  };
}

/**
 * Piscina gives up a pool of which a thread ends before it is ready: tasks would wait for ever. Here another one is started.
 *
 * @returns a promise that rejects when threads cannot be started at all
 */
function replaceThreads(pool: Piscina, threads: number): Promise<never> {
  let failedStarts = 0;
  const unstartable = new Promise<never>((_, reject) => {
    let reason: unknown = new Error('threads end before they are ready');
    pool.on('error', (error) => {
      reason = error;
    });
    pool.on('workerCreate', () => {
      failedStarts = 0;
    });
    pool.on('workerDestroy', () => {
      // the pool's own books are in order by then
      setImmediate(() => {
        if (pool.queueSize === 0 || pool.threads.length >= threads) return;
        failedStarts++;
        if (failedStarts >= MOST_FAILED_STARTS) reject(reason);
        else startThread(pool);
      });
    });
  });
  unstartable.catch(() => undefined);
  return unstartable;
}

/** The pool starts a thread for a task that it cannot give to one at once; this task is withdrawn. */
function startThread(pool: Piscina): void {
  const withdrawal = new AbortController();
  pool.run(null, { signal: withdrawal.signal }).catch(() => undefined);
  withdrawal.abort();
}
