import { createInterface } from 'node:readline';
import type { Answer, Job } from './job.ts';

/** A tool with the samples loaded. */
export interface Loaded {
  /** Name and version. */
  readonly tool: string;
  /** Counts all samples; this is what is timed. Returns a way to the region counts. */
  count(): Promise<() => readonly number[]>;
}

/** A peer: what it does in each mode. `run` returns the counts. */
export interface Peer {
  load(job: Job): Promise<Loaded>;
  run(job: Job): Promise<readonly number[]>;
  prepare?(job: Job): Promise<void>;
}

const say = (answer: Answer): boolean => process.stdout.write(`${JSON.stringify(answer)}\n`);

/** Reason to leave a peer out, such as a package that is not installed. */
export class Skip extends Error {}

/** Runs the job in the first argument. */
export async function serve(peer: Peer): Promise<void> {
  const job = JSON.parse(process.argv[2] ?? '{}') as Job;
  try {
    if (job.mode === 'prepare') await peer.prepare?.(job);
    if (job.mode === 'run') say({ seconds: 0, counts: await peer.run(job) });
    if (job.mode === 'serve') await answerLines(await peer.load(job));
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    say({ skip: error.message });
  }
}

async function answerLines({ tool, count }: Loaded): Promise<void> {
  say({ ready: tool });
  for await (const _line of createInterface({ input: process.stdin })) {
    const start = performance.now();
    const counts = await count();
    say({ seconds: (performance.now() - start) / 1000, counts: counts() });
  }
}

/** Imports a package that may not be installed. */
export async function importOrSkip<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    throw new Skip(
      `${name} cannot be imported (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`,
    );
  }
}
