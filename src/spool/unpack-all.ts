import type { UnpackResult, UnpackSetup, UnpackTask } from '../../workers/unpack.ts';
import { GhmError, interrupted, runError } from '../errors.ts';
import { startPool } from '../worker-pool.ts';
import type { SpoolPlan } from './plan.ts';
import type { SpoolOptions } from './with-readable.ts';

const PROGRESS_INTERVAL_MS = 100;

/** Unpacks every array of the plan into the spool at `path`, several at a time. Of failures, that of the first array is thrown. */
export async function unpackAll(path: string, plan: SpoolPlan, options: SpoolOptions): Promise<void> {
  const { places, elements } = plan;
  const shared = new SharedArrayBuffer(16);
  const words = new BigInt64Array(shared);
  const pool = await startPool({
    file: 'unpack.cjs',
    threads: Math.min(options.threads, places.length),
    workerData: { shared } satisfies UnpackSetup,
  });
  // workers see it at their next piece
  const cancel = () => Atomics.store(words, 1, 1n);
  options.signal?.addEventListener('abort', cancel, { once: true });
  if (options.signal?.aborted) cancel();
  let thrown: { readonly error: unknown } | undefined;
  const timer = setInterval(() => {
    try {
      options.onUnpacked(Number(Atomics.load(words, 0)), elements);
    } catch (error) {
      // the caller's own error ends the run
      thrown ??= { error };
      cancel();
    }
  }, PROGRESS_INTERVAL_MS);
  try {
    const results = await Promise.all(
      places.map(async ({ source, offset }): Promise<UnpackResult> => {
        const task: UnpackTask = { source, path, offset };
        try {
          return await pool.run(task);
        } catch (error) {
          throw runError(`a worker thread failed: ${String(error)}`, error);
        }
      }),
    );
    if (thrown) throw thrown.error;
    if (Atomics.load(words, 1) !== 0n && options.signal?.aborted) throw interrupted();
    const failures = results.filter((result) => !result.ok);
    // those that were stopped by a failure say only that
    const failure = failures.find(({ exitCode }) => exitCode !== 130) ?? failures[0];
    if (failure) throw new GhmError(failure.exitCode, failure.message, { cause: failure.stack });
  } finally {
    clearInterval(timer);
    options.signal?.removeEventListener('abort', cancel);
    await pool.close();
  }
}
