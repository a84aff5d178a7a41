import { mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runError, usageError } from '../errors.ts';

/** @throws GhmError (failure) where the memory that is free does not hold `bytes` */
export function checkMemory(bytes: number, samples: number, free: number = process.availableMemory()): void {
  if (bytes <= free) return;
  throw runError(
    `--samples: ${samples} samples need ${megabytes(bytes)} of memory, files in the page cache included, and ` +
      `${megabytes(free)} are free; use --samples ${Math.floor((samples * free) / bytes / 2)}, or fewer threads`,
  );
}

/** @throws GhmError (usage) where `dir` is no folder; (failure) where its disk has no room for `bytes` */
export function checkDisk(dir: string, bytes: number): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw usageError(`--dir: expected a folder that exists, found ${JSON.stringify(dir)}`);
  }
  const { bavail, bsize } = statfsSync(dir);
  if (bytes <= bavail * bsize) return;
  throw runError(
    `--dir: ${dir} has ${megabytes(bavail * bsize)} left, and the files need ${megabytes(bytes)}; ` +
      'use another --dir, or fewer --samples',
  );
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/** Runs `use` with a new folder in `dir`, and removes it, whatever happens and however the process is ended by itself. */
export async function withTemporaryFolder<T>(dir: string, use: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    folder = mkdtempSync(join(dir, 'ghm-bench-'));
  } catch (error) {
    throw runError(`--dir: cannot be written (${error instanceof Error ? error.message : String(error)})`, error);
  }
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // a second signal ends the process without returning here
  process.once('exit', remove);
  try {
    return await use(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
