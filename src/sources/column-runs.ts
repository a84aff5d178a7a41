import { type Breathe, breathing } from '../breath.ts';
import { inputError } from '../errors.ts';
import { elementReader } from './elements.ts';
import type { RowReader } from './row-reader.ts';
import { type ArraySource, DTYPE_BYTES, type Part, type Row, type RowRange } from './source.ts';

/** Told of each row whose value is not that of the row before, and of the first. */
export type ChangeListener = (value: number, row: Row) => void;

/**
 * Goes over integers in memory, as they lie in the file, and tells where the value changes.
 *
 * @param before the value before the first row; `null`: none, the first row is told of
 * @returns the last value, or `before` where there are no rows
 * @throws inputError for a value outside the integers that a double holds exactly
 */
export function eachChange(
  column: Pick<ArraySource, 'dtype' | 'bigEndian' | 'name'>,
  bytes: Uint8Array,
  firstRow: Row,
  before: number | null,
  visit: ChangeListener,
): number | null {
  const values = plainIntegers(column, bytes);
  return values === null
    ? eachChangeRead(column, bytes, firstRow, before, visit)
    : eachChangeIn(values, firstRow, before, visit);
}

/** Integers of at most 32 bits in this machine's byte order, as they are. */
export type PlainIntegers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** The bytes of a column as plain integers; `null` where they have to be read one by one. */
export function plainIntegers(
  { dtype, bigEndian }: Pick<ArraySource, 'dtype' | 'bigEndian'>,
  { buffer, byteOffset, length }: Uint8Array,
): PlainIntegers | null {
  if (dtype === 'uint8') return new Uint8Array(buffer, byteOffset, length);
  if (dtype === 'int8') return new Int8Array(buffer, byteOffset, length);
  if (bigEndian) return null;
  switch (dtype) {
    case 'int16':
      return new Int16Array(buffer, byteOffset, length / 2);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, length / 2);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length / 4);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, length / 4);
    default:
      return null;
  }
}

function eachChangeIn(
  values: PlainIntegers,
  firstRow: Row,
  before: number | null,
  visit: ChangeListener,
): number | null {
  let last = before;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === last) continue;
    visit(value, firstRow + row);
    last = value;
  }
  return last;
}

function eachChangeRead(
  column: Pick<ArraySource, 'dtype' | 'bigEndian' | 'name'>,
  bytes: Uint8Array,
  firstRow: Row,
  before: number | null,
  visit: ChangeListener,
): number | null {
  const size = DTYPE_BYTES[column.dtype];
  const rows = bytes.length / size;
  const read = elementReader(column, bytes);
  // a row is compared with the one before as words, which is faster than reading a 64-bit integer
  const words = size === 8 ? new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * rows) : null;
  let last = before;
  for (let row = 0; row < rows; row++) {
    const isSame =
      words && row > 0 && words[2 * row] === words[2 * row - 2] && words[2 * row + 1] === words[2 * row - 1];
    if (isSame) continue;
    const value = read(row);
    if (!Number.isSafeInteger(value)) {
      throw inputError(`${column.name}: row ${firstRow + row}: expected an integer of at most 2^53, found ${value}`);
    }
    if (value !== last) visit(value, firstRow + row);
    last = value;
  }
  return last;
}

const PIECE_ROWS = 1 << 18;

/** Told of each row of the stream at which a run of equal values begins. */
export type RunListener = (value: number, firstRow: Row, column: ArraySource, rowInFile: Row) => void;
export type OpenReader = (source: ArraySource, breathe: Breathe) => RowReader | Promise<RowReader>;
export type ColumnPart = Pick<Part, 'columns' | 'rows'> & Partial<RowRange>;

/**
 * Reads a column of all parts, or of the rows of them that are given, in stream order, and tells of each run of equal
 * values; a run may span parts. `firstRow` counts the rows that are read.
 */
export async function eachRun(
  parts: Iterable<ColumnPart>,
  name: string,
  open: OpenReader,
  visit: RunListener,
  breathe: Breathe = breathing(),
): Promise<void> {
  const buffer = new Uint8Array(PIECE_ROWS * 8);
  let firstRow = 0;
  let last: number | null = null;
  for (const { columns, rows, firstRow: from = 0, endRow = rows } of parts) {
    const column = columns[name];
    const before = firstRow - from;
    const reader = await open(column, breathe);
    try {
      for (let row = from; row < endRow; row += PIECE_ROWS) {
        const taken = Math.min(PIECE_ROWS, endRow - row);
        const bytes = buffer.subarray(0, DTYPE_BYTES[column.dtype] * taken);
        if (reader.prepare) await reader.prepare(row, taken);
        reader.read(row, bytes);
        last = eachChange(column, bytes, row, last, (value, at) => visit(value, before + at, column, at));
        await breathe();
      }
    } finally {
      reader.close();
    }
    firstRow += endRow - from;
  }
}
