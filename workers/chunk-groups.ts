import { inputError } from '../src/errors.ts';
import { itemOf } from '../src/shared-list/list.ts';
import { elementReader } from '../src/sources/elements.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import { DTYPE_BYTES, type ReadableArray, type Row } from '../src/sources/source.ts';
import type { Chunk } from './chunk.ts';
import type { Grouping } from './protocol.ts';
import type { WorkerState } from './worker-state.ts';

/** Groups of the samples of a chunk. */
export interface ChunkGroups {
  /** Group of sample i. */
  readonly of: (i: number) => number;
  /** The groups that there are. */
  readonly present: readonly number[];
}

/** The column that samples are grouped by, if they are by one. */
export const groupColumn = (grouping: Grouping): string | null => (grouping.by === 'column' ? grouping.name : null);

/**
 * @param reader of the column, where samples are grouped by one
 * @throws inputError for a value that a double does not hold exactly
 */
export function groupsOfChunk(
  state: WorkerState,
  grouping: Grouping,
  part: number,
  chunk: Chunk,
  firstRow: Row,
  reader: RowReader | null,
): ChunkGroups {
  const { rows, width } = chunk;
  if (grouping.by === 'column' && reader !== null) {
    const column = itemOf(state.parts, part).columns[grouping.name];
    return ofRows(columnValues(column, reader, firstRow, rows), width);
  }
  if (grouping.by === 'file') return { of: () => part, present: [part] };
  if (grouping.by !== 'class') return { of: () => 0, present: [0] };
  if (itemOf(state.parts, part).targets !== 'softmax')
    return { of: (i) => i % width, present: Array.from({ length: width }, (_, c) => c) };
  const { of, present } = ofRows(new Int32Array(state.memory.buffer, state.arena.classes, rows), 1);
  // below 0 are rows that are left out
  return { of, present: present.filter((label) => label >= 0) };
}

function ofRows(values: Int32Array | Float64Array, width: number): ChunkGroups {
  const present = new Set<number>();
  let last = Number.NaN;
  for (const value of values) {
    if (value !== last) present.add(value);
    last = value;
  }
  const of = width === 1 ? (i: number) => values[i] : (i: number) => values[Math.floor(i / width)];
  return { of, present: [...present] };
}

function columnValues(column: ReadableArray, reader: RowReader, firstRow: Row, rows: number): Float64Array {
  const bytes = new Uint8Array(rows * DTYPE_BYTES[column.dtype]);
  reader.read(firstRow, bytes);
  const read = elementReader(column, bytes);
  const values = Float64Array.from({ length: rows }, (_, row) => read(row));
  const wrong = values.findIndex((value) => !Number.isSafeInteger(value));
  if (wrong < 0) return values;
  throw inputError(
    `${column.name}: row ${firstRow + wrong}: expected an integer from -(2^53 - 1) to 2^53 - 1, found ${values[wrong]}`,
  );
}
