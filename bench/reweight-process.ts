import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../src/index.ts';
import { tasksetPrefix } from './pin.ts';

const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/** How a run of the command went. */
export interface CommandRun {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Most memory that was resident, as the kernel tells it (VmHWM); 0 where it does not. */
  readonly peakBytes: number;
  /** Of all its threads, to the last look before its end; 0 where the kernel does not tell. */
  readonly cpuSeconds: number;
  readonly summary: Summary;
}

/**
 * `ghm reweight`, with `more` flags, in a process of its own, on the first `threads` cores where there is taskset. `onLook` is
 * called every 20 ms.
 */
export async function reweightProcess(
  folder: string,
  out: string,
  threads: number,
  more: readonly string[] = [],
  onLook: (pid: number) => void = () => {},
): Promise<CommandRun> {
  const files = ['--logits', `${folder}/*.logits.npy`, '--labels', `${folder}/*.labels.npy`];
  const args = [
    MAIN,
    'reweight',
    ...files,
    '--out',
    out,
    '--force',
    '--json',
    '--quiet',
    '--threads',
    String(threads),
    ...more,
  ];
  const [command, ...rest] = [...tasksetPrefix(threads), process.execPath, ...args];
  const began = performance.now();
  // taskset replaces itself by the command, so that the process is the same
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  let json = '';
  child.stdout.on('data', (data: Buffer) => {
    json += data.toString();
  });
  let peakBytes = 0;
  let cpuSeconds = 0;
  // VmHWM only grows: the last look before the end misses nothing but its last moment
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid));
    if (child.pid !== undefined) onLook(child.pid);
  }, 20);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`ghm reweight ended with exit code ${String(code)}`);
  return { seconds, peakBytes, cpuSeconds, summary: JSON.parse(json) as Summary };
}

/** Most memory that was resident, so far; 0 where the kernel does not tell. */
export function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Hundredths of a second in user and system mode are the 14th and 15th words, the second is in brackets. */
export function cpuOf(pid: number | undefined): number {
  try {
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').trim().split(' ');
    return (Number(words[11]) + Number(words[12])) / 100;
  } catch {
    return 0;
  }
}
