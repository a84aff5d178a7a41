import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Breathe, breathing } from '../breath.ts';
import { runError } from '../errors.ts';

/** Files whose flushes wait for the disk at the same time. */
const FLUSHED_TOGETHER = 16;

/** Brings the content of files to the disk. */
export async function flushFiles(paths: Iterable<string>, breathe: Breathe = breathing()): Promise<void> {
  let together: Promise<void>[] = [];
  for (const path of paths) {
    together.push(flush(path, 'r+'));
    if (together.length < FLUSHED_TOGETHER) continue;
    await Promise.all(together);
    together = [];
    // what is flushed of a few files is not lost to a signal
    await breathe();
  }
  await Promise.all(together);
}

/** Brings the names in folders to the disk. */
export async function flushFolders(paths: Iterable<string>, breathe: Breathe = breathing()): Promise<void> {
  for (const [i, path] of [...paths].entries()) {
    if (i > 0) await breathe();
    await flush(path, 'r');
  }
}

async function flush(path: string, mode: 'r' | 'r+' | 'w'): Promise<void> {
  const file = await open(path, mode);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes an empty file, which is on the disk afterwards. Others may make it at the same time. */
export async function makeMark(path: string): Promise<void> {
  try {
    await flush(path, 'w');
    await flushFolders([dirname(path)]);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Gives a file a new content, or leaves it as it was. The new one is on the disk afterwards. */
export async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  try {
    const file = await open(draft, 'w');
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await flushFolders([dirname(path)]);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

const cannotWrite = (path: string, error: unknown): Error =>
  runError(`${path} cannot be written (${error instanceof Error ? error.message : String(error)})`, error);
