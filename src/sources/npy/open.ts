import { inputError } from '../../errors.ts';
import { recogniseForeign } from '../foreign.ts';
import { identityFromStats } from '../identity.ts';
import { closeInput, firstBytes, type InputHandle, openInput } from '../input-handle.ts';
import type { RawArray } from '../source.ts';
import { checkNpySize, NPY_MAGIC, NPY_PREFIX_BYTES, npyHeaderSpan, parseNpyHeader } from './header.ts';

/**
 * Opens the array of an .npy file: reads its header, never its data, and closes it again.
 *
 * @param name the path for messages
 * @throws inputError where the file is missing, a folder, a pipe, unreadable, empty, not .npy, cut off or too long
 */
export function openNpy(path: string, name: string): RawArray {
  const handle = openInput(path, name);
  try {
    return readNpy(handle);
  } finally {
    closeInput(handle);
  }
}

/**
 * The array of an open .npy file. Any numeric dtype; any shape in C order, also one that is neither `[rows]` nor
 * `[rows, columns]`, which is for the caller to refuse.
 *
 * @throws inputError where it is not .npy, cut off or too long
 */
export function readNpy(handle: InputHandle): RawArray {
  const { path, name, stats, head } = handle;
  checkMagic(head, name);
  const span = npyHeaderSpan(head.subarray(0, NPY_PREFIX_BYTES), name);
  const header = parseNpyHeader(firstBytes(handle, span.end), name);
  checkNpySize(header, stats.size, name);
  const { size: storedBytes } = stats;
  const identity = identityFromStats(stats);
  return { kind: 'raw', format: 'npy', path, name, ...header, ...axesOf(header.shape), storedBytes, identity };
}

/** `rows` is the first axis (1 without axes), `columns` the product of the others. */
export function axesOf([rows = 1, ...rest]: readonly number[]): { rows: number; columns: number } {
  return { rows, columns: rest.reduce((product, length) => product * length, 1) };
}

function checkMagic(head: Uint8Array, name: string): void {
  if (NPY_MAGIC.every((byte, i) => i >= head.length || head[i] === byte)) return;
  const foreign = recogniseForeign(head);
  if (foreign !== null) throw inputError(`${name}: not an .npy file: ${foreign}`);
}
