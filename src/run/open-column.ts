import { closeSync } from 'node:fs';
import { openPlanned } from '../../workers/file-io.ts';
import { openRows } from '../../workers/open-rows.ts';
import { type Breathe, breathing } from '../breath.ts';
import { unpackRows } from '../sources/packed/rows.ts';
import type { RowReader } from '../sources/row-reader.ts';
import { type ArraySource, DTYPE_BYTES } from '../sources/source.ts';

/** Opens a column to be read once from its first row to its last. A packed one is unpacked into memory. */
export async function openColumn(source: ArraySource, breathe: Breathe = breathing()): Promise<RowReader> {
  if (source.kind !== 'packed') return openRows(source, source.rows);
  const size = DTYPE_BYTES[source.dtype];
  const bytes = new Uint8Array(source.rows * size);
  const fd = openPlanned(source);
  try {
    await unpackRows(fd, source, async (piece, at) => {
      bytes.set(piece, Math.max(0, at));
      await breathe();
      return true;
    });
  } finally {
    closeSync(fd);
  }
  return {
    read: (firstRow, into) => into.set(bytes.subarray(firstRow * size, firstRow * size + into.length)),
    close: () => undefined,
  };
}
