import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
export const SAMPLE = fileURLToPath(new URL('../../examples/bccd/', import.meta.url));

export interface Ended {
  /** `null` where a signal ended the process. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the built `ghm`, after a script or module if one is `required`. It has to end by itself within half a minute. */
export function startGhm(args: readonly string[], cwd?: string, required?: string): Started {
  const before = required === undefined ? [] : [required.endsWith('.mjs') ? '--import' : '--require', required];
  const child = spawn(process.execPath, [...before, MAIN, ...args], {
    cwd,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
  return { child, ended };
}

/** Runs the built `ghm` to its end. */
export const runGhm = (args: readonly string[], cwd?: string): Promise<Ended> => startGhm(args, cwd).ended;
