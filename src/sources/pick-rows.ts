import { openRows } from '../../workers/open-rows.ts';
import type { Breathe } from '../breath.ts';
import { elementReader } from './elements.ts';
import { DTYPE_BYTES, type ReadableArray, type Row } from './source.ts';

/** The elements of a few rows of an array, by row. @throws inputError where the file is not the one that was planned */
export async function pickRows(
  source: ReadableArray,
  rows: Iterable<Row>,
  breathe: Breathe,
): Promise<ReadonlyMap<Row, number[]>> {
  const { columns, dtype } = source;
  const bytes = new Uint8Array(columns * DTYPE_BYTES[dtype]);
  const read = elementReader(source, bytes);
  const picked = new Map<Row, number[]>();
  // readers of blocks go forward only
  const ascending = Float64Array.from(new Set(rows)).sort();
  const reader = await openRows(source, (ascending.at(-1) ?? -1) + 1);
  try {
    for (const row of ascending) {
      await breathe();
      await reader.prepare?.(row, 1);
      reader.read(row, bytes);
      picked.set(
        row,
        Array.from({ length: columns }, (_, c) => read(c)),
      );
    }
  } finally {
    reader.close();
  }
  return picked;
}
