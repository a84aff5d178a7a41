import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { inputError, runError } from '../src/errors.ts';
import { cannotOpenAnyMore, changedMeanwhile, isSameFile } from '../src/sources/identity.ts';
import type { ArraySource, ByteOffset } from '../src/sources/source.ts';

/** Opens an input file for reading, and makes sure that it is still the file that was planned. */
export function openPlanned(source: ArraySource): number {
  let fd: number;
  try {
    fd = openSync(source.path, 'r');
  } catch (error) {
    if (isOutOfDescriptors(error)) throw tooManyFiles(source.name, error);
    throw cannotOpenAnyMore(source.name, reason(error));
  }
  if (isSameFile(fstatSync(fd), source.identity)) return fd;
  closeSync(fd);
  throw changedMeanwhile(source.name);
}

/** Whether the system has no descriptor for one more file. */
const isOutOfDescriptors = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');

const tooManyFiles = (name: string, error: unknown): Error =>
  runError(`${name}: too many files are open (${reason(error)}); raise ulimit -n, or give fewer --threads`, error);

/** Fills `into` from byte `at`. Reads that return less are continued; the end of the file is an error. */
export function readFully(fd: number, into: Uint8Array, at: ByteOffset, name: string): void {
  let done = 0;
  while (done < into.length) {
    const read = readSome(fd, into.subarray(done), at + done, name);
    if (read === 0) {
      throw inputError(
        `${name}: ends at byte ${at + done}, expected ${into.length - done} bytes more; it was truncated`,
      );
    }
    done += read;
  }
}

/** What a disk or a network file system may fail with now and not the next time. */
const PASSING = new Set(['EIO', 'EAGAIN', 'EINTR', 'ETIMEDOUT']);
const PAUSES_MS = [20, 100, 400];

/** Reads at least a byte, or none at the end of the file. What may pass is tried again, with pauses. */
function readSome(fd: number, into: Uint8Array, at: ByteOffset, name: string): number {
  for (let failures = 0; ; failures++) {
    let why: unknown;
    try {
      const read = readSync(fd, into, 0, into.length, at);
      if (read > 0 || fstatSync(fd).size <= at) return read;
      why = 'no bytes where the file has some';
    } catch (error) {
      why = error;
    }
    if (!mayPass(why)) throw runError(`${name}: reading at byte ${at} failed (${reason(why)})`, why);
    if (failures === PAUSES_MS.length) {
      throw runError(`${name}: reading at byte ${at} failed ${failures + 1} times (${reason(why)})`, why);
    }
    pause(PAUSES_MS[failures]);
  }
}

const mayPass = (why: unknown): boolean =>
  !(why instanceof Error) || ('code' in why && typeof why.code === 'string' && PASSING.has(why.code));

/** Sleeps; nothing wakes it. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Runs `use` with an output file opened for writing by position. */
export async function withOutput<T>(path: string, use: (fd: number) => Promise<T>): Promise<T> {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch (error) {
    if (isOutOfDescriptors(error)) throw tooManyFiles(path, error);
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
