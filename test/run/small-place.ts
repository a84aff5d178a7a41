import { join } from 'node:path';
import { folderOf } from '../sources/npy-files.ts';
import { npy } from './npy-data.ts';

export const X = npy('float32', [3, 2], [-3, -2, -1, 1, 2, 3]);
const Y = npy('int64', [3], [2, 0, 1]);

/** A folder with a small input in `in`, and other files. */
export function place(files: Record<string, Uint8Array | string> = {}) {
  const folder = folderOf({ 'in/x.npy': X, 'in/y.npy': Y, ...files });
  const at = (name: string): string => join(folder, name);
  return { folder, at, input: { logits: at('in/x.npy'), labels: at('in/y.npy'), threads: 1 } };
}

/** How a run ends that should fail; exit code 0 if it does not. */
export async function failure(run: Promise<unknown>): Promise<{ exitCode: number; message: string }> {
  const { exitCode, message } = await run.then(
    () => ({ exitCode: 0, message: '' }),
    (error) => error,
  );
  return { exitCode, message };
}
