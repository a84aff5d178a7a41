import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { inputError, runError } from '../src/errors.ts';
import { isSameFile } from '../src/sources/identity.ts';
import type { ArraySource, ByteOffset } from '../src/sources/source.ts';

/** Opens an input file for reading, and makes sure that it is still the file that was planned. */
export function openPlanned(source: ArraySource): number {
  let fd: number;
  try {
    fd = openSync(source.path, 'r');
  } catch (error) {
    throw inputError(`${source.name}: cannot be opened any more (${reason(error)})`);
  }
  if (isSameFile(fstatSync(fd), source.identity)) return fd;
  closeSync(fd);
  throw inputError(`${source.name}: the file changed during the run; run again when nothing writes to it`);
}

/** Fills `into` from byte `at`. Reads that return less are continued; the end of the file is an error. */
export function readFully(fd: number, into: Uint8Array, at: ByteOffset, name: string): void {
  let done = 0;
  while (done < into.length) {
    let read: number;
    try {
      read = readSync(fd, into, done, into.length - done, at + done);
    } catch (error) {
      throw runError(`${name}: reading at byte ${at + done} failed (${reason(error)})`, error);
    }
    if (read === 0) {
      throw inputError(
        `${name}: ends at byte ${at + done}, expected ${into.length - done} bytes more; it was truncated`,
      );
    }
    done += read;
  }
}

/** Runs `use` with an output file opened for writing by position. */
export async function withOutput<T>(path: string, use: (fd: number) => Promise<T>): Promise<T> {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch (error) {
    throw runError(`the output cannot be opened (${reason(error)}): ${path}`, error);
  }
  try {
    return await use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all of `from` at byte `at`. */
export function writeFully(fd: number, from: Uint8Array, at: ByteOffset, path: string): void {
  let done = 0;
  while (done < from.length) {
    try {
      done += writeSync(fd, from, done, from.length - done, at + done);
    } catch (error) {
      throw runError(`writing the output failed (${reason(error)}): ${path}`, error);
    }
  }
}

/** The system's words for an error, such as "ENOSPC: no space left on device". */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, (open|read|write|fstat|stat).*$/, '') : String(error);
}
