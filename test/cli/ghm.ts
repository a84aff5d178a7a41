import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command as `npm test` built it. */
export const GHM = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ghm` with these arguments to its end. */
export function ghm(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [GHM, ...args], { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout, stderr) => {
      const code = error?.code;
      resolve({ exitCode: error === null ? 0 : typeof code === 'number' ? code : -1, stdout, stderr });
    });
  });
}
