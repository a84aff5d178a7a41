import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { GHM } from '../cli/ghm.ts';
import type { streamOf } from '../library/stream.ts';

/** A `ghm` process that runs until it is told to stop. */
export interface GhmProcess {
  readonly child: ChildProcess;
  /** All that it has said on standard error. */
  readonly said: () => string;
  /** Resolves when it has said something that matches. */
  saying(pattern: RegExp): Promise<void>;
  /** Sends the signal, if any, and resolves to the exit code, `null` where the signal ended it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

const started = new Set<ChildProcess>();

/** Starts the built command. */
export function startProcess(args: readonly string[], env: NodeJS.ProcessEnv = {}): GhmProcess {
  const child = spawn(process.execPath, [GHM, ...args], {
    env: { ...process.env, LC_ALL: 'C', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.add(child);
  let text = '';
  let check = (): void => {};
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    check();
  });
  const ended = once(child, 'close');
  return {
    child,
    said: () => text,
    saying: (pattern) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (pattern.test(text)) resolve();
        };
        check();
        void ended.then(() => reject(new Error(`ended without saying ${String(pattern)}: ${text}`)));
      }),
    async end(signal) {
      if (signal !== undefined) child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

/** Starts `ghm worker`, and waits until it listens. */
export async function startWorker(url: string, root: string, ...args: string[]): Promise<GhmProcess> {
  const worker = startProcess(['worker', '--redis', url, '--root', root, '--threads', '1', ...args]);
  await worker.saying(/waiting for jobs/);
  return worker;
}

/** Ends what a test that failed has left. */
export function killProcesses(): void {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
}

/** Words of a run by workers. */
export const queued = (url: string, ...args: string[]): string[] => [
  ...['reweight', '--engine', 'bullmq', '--redis', url],
  ...args,
];

export const inputs = ({ options: { logits, labels } }: ReturnType<typeof streamOf>): string[] => [
  ...['--logits', logits],
  ...['--labels', labels],
];
