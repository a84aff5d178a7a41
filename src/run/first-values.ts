import { closeSync, openSync, readSync } from 'node:fs';
import { GhmError } from '../errors.ts';
import { elementReader } from '../sources/elements.ts';
import { cannotRead } from '../sources/identity.ts';
import { unpackRows } from '../sources/packed/rows.ts';
import { BLOCK_READERS } from '../sources/row-reader.ts';
import { type ArraySource, type BlockArray, DTYPE_BYTES, type Row } from '../sources/source.ts';

/** Elements looked at: enough to tell labels from logits, little enough to be instant. */
const MOST_ELEMENTS = 1_000_000;

export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** How many elements, from the first, were looked at. */
  readonly elements: number;
}

/** Columns that are read together: each query of a table of thousands of columns takes time for all of them. */
const MOST_TOGETHER = 64;
const MOST_TOGETHER_BYTES = 32 * 2 ** 20;

/** An array that was opened, with its range; or why it was not. */
export type Opened =
  | { readonly source: ArraySource; readonly range: ValueRange | null }
  | { readonly source: GhmError; readonly range: null };

/** The arrays of one file with their ranges, in order; those of a table are read some together. */
export async function* withRanges(opened: AsyncIterable<ArraySource | GhmError>): AsyncIterable<Opened> {
  let together: (ArraySource | GhmError)[] = [];
  for await (const one of opened) {
    const arrays = together.filter(isArray);
    if (!(one instanceof GhmError) && arrays.length > 0 && !fits(one, arrays)) {
      yield* rangesOf(together);
      together = [];
    }
    together.push(one);
  }
  yield* rangesOf(together);
}

const isArray = (one: ArraySource | GhmError): one is ArraySource => !(one instanceof GhmError);

/** Whether an array is read with others, and as many rows of it as of them. */
function fits(one: ArraySource, [first, ...rest]: readonly ArraySource[]): boolean {
  const widths = [one, first, ...rest].map(rowBytes);
  return (
    one.kind === 'blocks' &&
    first.kind === 'blocks' &&
    rowsOf(one) === rowsOf(first) &&
    widths.length <= MOST_TOGETHER &&
    Math.min(...widths) > 0 &&
    rowsOf(one) * widths.reduce((sum, width) => sum + width, 0) <= MOST_TOGETHER_BYTES
  );
}

async function* rangesOf(together: readonly (ArraySource | GhmError)[]): AsyncIterable<Opened> {
  const blocks = together.filter(isArray).filter((array) => array.kind === 'blocks');
  const read = blocks.length > 1 ? await firstRowsTogether(blocks) : null;
  for (const source of together) {
    if (source instanceof GhmError) yield { source, range: null };
    else {
      const rows = source.kind === 'blocks' ? read?.get(source) : undefined;
      yield { source, range: await rangeOf(source, rows) };
    }
  }
}

/** The first rows of some arrays of a table; `null` where one is damaged: read alone it says so under its own name. */
async function firstRowsTogether(arrays: readonly BlockArray[]): Promise<ReadonlyMap<BlockArray, Uint8Array> | null> {
  try {
    const read = await firstRowsOfBlocks(arrays, rowsOf(arrays[0]));
    return new Map(arrays.map((array, i) => [array, read[i]]));
  } catch (error) {
    if (error instanceof GhmError) return null;
    throw error;
  }
}

/** As many of the first rows as have a million elements. */
const rowsOf = (source: ArraySource): Row =>
  Math.min(source.rows, Math.ceil(MOST_ELEMENTS / Math.max(1, source.columns)));

const rowBytes = (source: ArraySource): number => source.columns * DTYPE_BYTES[source.dtype];

/** Least and greatest of the first million elements; NaN is passed over, `null` where none is finite. */
async function rangeOf(source: ArraySource, read?: Uint8Array): Promise<ValueRange | null> {
  const rows = rowsOf(source);
  const elements = Math.min(MOST_ELEMENTS, rows * source.columns);
  if (elements === 0) return null;
  const bytes = read ?? (await firstRows(source, rows, elements * DTYPE_BYTES[source.dtype]));
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

/** The first `rows` rows of arrays of one file. */
async function firstRowsOfBlocks(sources: readonly BlockArray[], rows: Row): Promise<Uint8Array[]> {
  const [{ format }] = sources;
  const open = await BLOCK_READERS[format]?.();
  if (open === undefined) throw new TypeError(`no reader of blocks for ${format}`);
  const readers = await open(sources, rows);
  try {
    const read: Uint8Array[] = [];
    for (const [i, reader] of readers.entries()) {
      const whole = Buffer.alloc(rows * rowBytes(sources[i]));
      await reader.prepare?.(0, rows);
      reader.read(0, whole);
      read.push(whole);
    }
    return read;
  } finally {
    for (const reader of readers) reader.close();
  }
}

/** The first `length` bytes of the rows; `rows` hold at least as many. */
async function firstRows(source: ArraySource, rows: Row, length: number): Promise<Uint8Array> {
  if (source.kind === 'blocks') return (await firstRowsOfBlocks([source], rows))[0].subarray(0, length);
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
