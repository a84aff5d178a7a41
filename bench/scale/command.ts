import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpuOf, peakOf } from '../reweight-process.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** How a process went. */
export interface ProcessRun {
  readonly seconds: number;
  /** Of all its threads, to the last look before its end. */
  readonly cpuSeconds: number;
  /** Most memory that was resident. */
  readonly peakBytes: number;
}

/** Runs the built `ghm` in a folder to its end. */
export async function ghm(cwd: string, ...args: string[]): Promise<ProcessRun> {
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args, '--quiet'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  let peakBytes = 0;
  let cpuSeconds = 0;
  // both only grow: the last look before the end misses nothing but its last moment
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid));
  }, 20);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(timer);
  if (code !== 0) throw new Error(`ghm ${args[0]} ended with exit code ${String(code)}`);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds, peakBytes };
}
