import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Piscina } from 'piscina';
import { workerFile } from './package-files.ts';

interface PoolOptions {
  /** A file of the built workers. */
  readonly file: string;
  readonly threads: number;
  readonly workerData?: unknown;
}

export interface WorkerPool {
  readonly run: Piscina['run'];
  /** Ends the threads; tasks under way are given up. Called again it waits for the same end. */
  close(): Promise<void>;
}

let openPools = 0;

/**
 * Starts threads that stay until the pool is closed. Of threads that compile in the background Node 20 can abort the whole process,
 * when one of them ends during such a compilation; threads started meanwhile compile in the foreground.
 */
export async function startPool({ file, threads, workerData }: PoolOptions): Promise<WorkerPool> {
  const { Piscina } = await import('piscina');
  if (openPools++ === 0) setFlagsFromString('--no-concurrent-recompilation');
  const pool = new Piscina({
    filename: fileURLToPath(workerFile(file)),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData,
  });
  let closed: Promise<void> | undefined;
  return {
    run: pool.run.bind(pool),
    close() {
      closed ??= pool.destroy().finally(() => {
        if (--openPools === 0) setFlagsFromString('--concurrent-recompilation');
      });
      return closed;
    },
  };
}
