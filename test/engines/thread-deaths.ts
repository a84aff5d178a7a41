import { createRequire } from 'node:module';
import type { Worker, WorkerOptions } from 'node:worker_threads';

// the object that piscina looks Worker up in
const threads: { Worker: typeof Worker } = createRequire(import.meta.url)('node:worker_threads');
const Plain = threads.Worker;

/** Runs `use` while threads are started by `change`d options; it is given those that live. */
export async function withThreads<T>(
  change: (options: WorkerOptions) => WorkerOptions,
  use: (living: ReadonlySet<Worker>) => Promise<T>,
): Promise<T> {
  const living = new Set<Worker>();
  threads.Worker = class extends Plain {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, change(options));
      living.add(this);
      this.once('exit', () => living.delete(this));
    }
  };
  try {
    return await use(living);
  } finally {
    threads.Worker = Plain;
  }
}

/** Fewer than threads that end at their start end a run by. */
const MOST_DEATHS = 8;

/** Ends a random one of the living threads now and then, while `work` runs. Returns what it did, and how many it ended. */
export async function amongDeaths<T>(
  random: () => number,
  meanPause: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly deaths: number }> {
  return withThreads(
    (options) => options,
    async (living) => {
      let deaths = 0;
      let timer: NodeJS.Timeout | undefined;
      const next = (): void => {
        timer = setTimeout(
          () => {
            const all = [...living];
            const victim = all[Math.floor(random() * all.length)];
            if (victim !== undefined) {
              deaths++;
              void victim.terminate();
            }
            if (deaths < MOST_DEATHS) next();
          },
          -meanPause * Math.log(1 - random()),
        );
      };
      next();
      try {
        return { result: await work(), deaths };
      } finally {
        clearTimeout(timer);
      }
    },
  );
}
