import { closeSync, openSync, readSync } from 'node:fs';
import { elementReader } from '../sources/elements.ts';
import { cannotRead } from '../sources/identity.ts';
import { unpackRows } from '../sources/packed/rows.ts';
import { BLOCK_READERS } from '../sources/row-reader.ts';
import { type ArraySource, DTYPE_BYTES } from '../sources/source.ts';

/** Elements looked at: enough to tell labels from logits, little enough to be instant. */
const MOST_ELEMENTS = 1_000_000;

export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** How many elements, from the first, were looked at. */
  readonly elements: number;
}

/** Least and greatest of the first million elements; NaN is passed over, `null` where none is finite. */
export async function rangeOf(source: ArraySource): Promise<ValueRange | null> {
  const rows = Math.min(source.rows, Math.ceil(MOST_ELEMENTS / Math.max(1, source.columns)));
  const elements = Math.min(MOST_ELEMENTS, rows * source.columns);
  if (elements === 0) return null;
  const bytes = await firstRows(source, rows, elements * DTYPE_BYTES[source.dtype]);
  const elementAt = elementReader(source, bytes);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < elements; i++) {
    const value = elementAt(i);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return Number.isFinite(min) && Number.isFinite(max) ? { min, max, elements } : null;
}

/** The first `length` bytes of the rows; `rows` hold at least as many. */
async function firstRows(source: ArraySource, rows: number, length: number): Promise<Uint8Array> {
  if (source.kind === 'blocks') {
    const open = await BLOCK_READERS[source.format]?.();
    if (open === undefined) throw new TypeError(`no reader of blocks for ${source.format}`);
    const [reader] = await open([source], rows);
    try {
      const whole = Buffer.alloc(rows * source.columns * DTYPE_BYTES[source.dtype]);
      await reader.prepare?.(0, rows);
      reader.read(0, whole);
      return whole.subarray(0, length);
    } finally {
      reader.close();
    }
  }
  const bytes = Buffer.alloc(length);
  let file: number;
  try {
    file = openSync(source.path, 'r');
  } catch (error) {
    throw cannotRead(error, source.name);
  }
  try {
    if (source.kind === 'raw') readSync(file, bytes, 0, length, source.dataOffset);
    else
      await unpackRows(file, source, (piece, at) => {
        bytes.set(piece.subarray(0, Math.max(0, length - at)), Math.min(at, length));
        return at + piece.length < length;
      });
    return bytes;
  } finally {
    closeSync(file);
  }
}
