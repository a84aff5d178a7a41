import { spawn } from 'node:child_process';
import { type Ended, MAIN } from '../run/command.ts';

/** Starts the built `ghm` in a folder, with more in its environment. */
export function runIn(cwd: string, env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...process.env, ...env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
    const texts = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      texts.stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      texts.stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...texts }));
  });
}
