import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { inputError } from '../../errors.ts';
import { cannotRead, identityFromStats, statInputFile } from '../identity.ts';
import type { ArraySource } from '../source.ts';
import { recogniseForeign } from './foreign.ts';
import { checkNpySize, NPY_MAGIC, NPY_PREFIX_BYTES, npyHeaderSpan, parseNpyHeader } from './header.ts';

const HEAD_BYTES = 24;

/**
 * Opens the array of an .npy file: reads its header, never its data, and closes it again. Any numeric dtype; any shape in
 * C order, also one that is neither `[rows]` nor `[rows, columns]`, which is for the caller to refuse: `rows` is the
 * first axis (1 without axes), `columns` the product of the others.
 *
 * @param name the path for messages
 * @throws inputError where the file is missing, a folder, a pipe, unreadable, empty, not .npy, cut off or too long
 */
export function openNpy(path: string, name: string): ArraySource {
  const absolute = resolve(path);
  // before opening: to open a pipe would wait for its writer
  statInputFile(absolute, name);
  let file: number;
  try {
    file = openSync(absolute, 'r');
  } catch (error) {
    throw cannotRead(error, name);
  }
  try {
    const stats = fstatSync(file);
    const head = readHead(file, HEAD_BYTES, name);
    checkMagic(head, name);
    const span = npyHeaderSpan(head.subarray(0, NPY_PREFIX_BYTES), name);
    const header = parseNpyHeader(readHead(file, span.end, name), name);
    checkNpySize(header, stats.size, name);
    const [rows = 1, ...rest] = header.shape;
    const columns = rest.reduce((product, length) => product * length, 1);
    return { format: 'npy', path: absolute, name, ...header, rows, columns, identity: identityFromStats(stats) };
  } finally {
    closeSync(file);
  }
}

/** The first `length` bytes, or all where the file is shorter. */
function readHead(file: number, length: number, name: string): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  try {
    while (done < length) {
      const read = readSync(file, bytes, done, length - done, done);
      if (read === 0) break;
      done += read;
    }
  } catch (error) {
    throw cannotRead(error, name);
  }
  return bytes.subarray(0, done);
}

function checkMagic(head: Uint8Array, name: string): void {
  if (NPY_MAGIC.every((byte, i) => i >= head.length || head[i] === byte)) return;
  const foreign = recogniseForeign(head);
  if (foreign !== null) throw inputError(`${name}: not an .npy file: ${foreign}`);
}
