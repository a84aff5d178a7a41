import { statfsSync, statSync } from 'node:fs';
import type { Breathe } from '../breath.ts';
import { runError } from '../errors.ts';

/** Bytes of the disk that a file takes; 0 where there is none. */
export const takenBy = (path: string): number => 512 * (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0);

/** @throws runError where so many bytes more would fill the disk */
export function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) {
    throw runError(`${folder}: the outputs need ${bytes} bytes, the disk has ${bavail * bsize} left`);
  }
}

/** A smaller file is not worth the 2 ms that it takes. */
const WORTH_RESERVING = 64 * 2 ** 20;

/**
 * Reserves the space of files that have their length but not their content, so that nobody else takes it while the run
 * works. Node cannot ask the system for that: the program fallocate does. Where there is none, or the file system has no
 * such thing, nothing is reserved.
 *
 * @throws runError where there is no room, or no quota
 */
export async function reserveSpace(files: Iterable<{ readonly path: string }>, breathe: Breathe): Promise<void> {
  const large: string[] = [];
  for (const { path } of files) {
    if (statSync(path).size >= WORTH_RESERVING) large.push(path);
    await breathe();
  }
  if (large.length === 0) return;
  const { execFile } = await import('node:child_process');
  for (const path of large) {
    await breathe();
    const bytes = statSync(path).size;
    const failed = await new Promise<string | null>((resolve) => {
      const options = { env: { ...process.env, LC_ALL: 'C' } };
      execFile('fallocate', ['--length', `${bytes}`, path], options, (error, _, stderr) =>
        resolve(error === null ? null : stderr.trim()),
      );
    });
    if (failed === null) continue;
    if (/No space left|quota/i.test(failed)) {
      throw runError(`${path}: the ${bytes} bytes of this output cannot be reserved (${failed})`);
    }
    return;
  }
}
