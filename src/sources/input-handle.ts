import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { cannotRead, statInputFile } from './identity.ts';
import type { ByteOffset } from './source.ts';

/** An input file that is open while its headers are read. */
export interface InputHandle {
  /** Absolute. */
  readonly path: string;
  /** The path for messages. */
  readonly name: string;
  readonly fd: number;
  readonly stats: Stats;
  /** The first 512 bytes, or all where the file is shorter: the whole header of most .npy files. */
  readonly head: Uint8Array;
}

const HEAD_BYTES = 512;

/**
 * Opens a file to read its headers. The caller closes it with `closeInput`.
 *
 * @param expected what belongs in an empty file, for the message
 * @throws inputError where the file is missing, a folder, a pipe, unreadable or empty
 */
export function openInput(path: string, name: string, expected?: string): InputHandle {
  const absolute = resolve(path);
  // before opening: to open a pipe would wait for its writer
  statInputFile(absolute, name, expected);
  let fd: number;
  try {
    fd = openSync(absolute, 'r');
  } catch (error) {
    throw cannotRead(error, name);
  }
  try {
    return { path: absolute, name, fd, stats: fstatSync(fd), head: readUpTo({ fd, name }, 0, HEAD_BYTES) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Closes the file. */
export const closeInput = ({ fd }: Pick<InputHandle, 'fd'>): void => closeSync(fd);

/** The `length` bytes from `at`, or those that are there where the file ends before, read to `bytes`. @throws inputError */
export function readUpTo(
  { fd, name }: Pick<InputHandle, 'fd' | 'name'>,
  at: ByteOffset,
  length: number,
  bytes = new Uint8Array(length),
): Uint8Array {
  let done = 0;
  try {
    while (done < length) {
      const read = readSync(fd, bytes, done, length - done, at + done);
      if (read === 0) break;
      done += read;
    }
  } catch (error) {
    throw cannotRead(error, name);
  }
  return bytes.subarray(0, done);
}

/** The first `length` bytes, from the head where it reaches that far. */
export const firstBytes = (handle: InputHandle, length: number): Uint8Array =>
  length <= handle.head.length || handle.stats.size <= handle.head.length
    ? handle.head.subarray(0, length)
    : readUpTo(handle, 0, length);
