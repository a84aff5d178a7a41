import { readingDatabase } from '../../duckdb/database.ts';
import { ExitCode, GhmError, inputError } from '../../errors.ts';
import { columnsOf } from '../array-keys.ts';
import { arrayName, type Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import type { InputHandle } from '../input-handle.ts';
import { type BlockArray, DTYPE_BYTES } from '../source.ts';
import { castOf, listLengthsOf } from './cast.ts';
import { checkExpansion } from './expansion.ts';
import { fill, type TextArray } from './fill.ts';
import { checkNesting } from './nesting.ts';
import { findTable, type TextFormat, type TextTable } from './query.ts';

/** Files of text are read whole: for small things. */
const MOST_BYTES = 1 << 30;

/** Arrays of a file are read together up to this size: each reading parses all of the file, and finds its types again. */
const MOST_TOGETHER_BYTES = 128 * 2 ** 20;

/**
 * Opens a file of text, CSV, TSV or JSON Lines, with a table of up to 1 GiB. Its columns are read into memory when they are asked
 * for, numbers as float32 or int64.
 *
 * @throws inputError where it is too large, or no such table
 */
export async function openText(handle: InputHandle, format: TextFormat, signal?: AbortSignal): Promise<Container> {
  const { path, name, stats } = handle;
  if (stats.size > MOST_BYTES) {
    throw inputError(
      `${name}: is ${stats.size} bytes of text, more than ${MOST_BYTES}; expected a small file. Convert it to Parquet, such as ` +
        `with DuckDB: COPY (FROM '${name}') TO 'x.parquet'`,
    );
  }
  if (format === 'jsonl') checkNesting(handle);
  const table = await findTable(await readingDatabase(name), name, path, format, signal);
  const { columns } = table;
  const { rows, lengths } = await listLengthsOf(table);
  checkExpansion(rows, columns.length, stats.size, name);

  /** The array of a key, yet to be filled. */
  const prepare = (key: string): TextArray => {
    const own = arrayName(name, key);
    const chosen = columnsOf(columns, key);
    const cast = castOf(chosen, lengths, own);
    const width = cast.listLength ?? chosen.length;
    checkExpansion(rows, width, stats.size, own);
    const dtype = cast.type === 'FLOAT' ? 'float32' : 'int64';
    const bytes = new SharedArrayBuffer(rows * width * DTYPE_BYTES[dtype]);
    const array: BlockArray = {
      kind: 'blocks',
      format,
      path,
      name: own,
      dtype,
      bigEndian: false,
      shape: cast.listLength !== null || key !== chosen[0].name ? [rows, width] : [rows],
      rows,
      columns: width,
      storedBytes: stats.size,
      identity: identityFromStats(stats),
      blocks: null,
      nulls: true,
      nullAs: 'mark',
      reading: { kind: 'memory', bytes },
    };
    return { array, cast, bytes: new Uint8Array(bytes) };
  };

  async function open(key: string): Promise<BlockArray> {
    const prepared = prepare(key);
    await fill(table, [prepared]);
    return prepared.array;
  }

  async function* openEach(keys: readonly string[]): AsyncIterable<BlockArray | GhmError> {
    for (let next = 0; next < keys.length; ) {
      const together: (TextArray | GhmError)[] = [];
      for (let bytes = 0; next < keys.length && (together.length === 0 || bytes < MOST_TOGETHER_BYTES); next++) {
        const prepared = preparedOrError(() => prepare(keys[next]));
        together.push(prepared);
        if (!(prepared instanceof GhmError)) bytes += prepared.bytes.length;
      }
      const arrays = together.flatMap((one) => (one instanceof GhmError ? [] : [one]));
      const failed = arrays.length > 0 ? await fillEach(table, arrays) : null;
      for (const one of together) yield one instanceof GhmError ? one : (failed?.get(one) ?? one.array);
    }
  }

  return { path, name, format, layout: 'columns', keys: columns.map((column) => column.name), open, openEach };
}

function preparedOrError(prepare: () => TextArray): TextArray | GhmError {
  try {
    return prepare();
  } catch (error) {
    if (error instanceof GhmError) return error;
    throw error;
  }
}

/** Fills arrays together; where that fails, halves of them, down to those that cannot be read: they come with their errors. */
async function fillEach(table: TextTable, arrays: readonly TextArray[]): Promise<ReadonlyMap<TextArray, GhmError>> {
  try {
    await fill(table, arrays);
    return new Map();
  } catch (error) {
    if (!(error instanceof GhmError) || error.exitCode !== ExitCode.badData) throw error;
    const [first, second] = arrays;
    if (second === undefined) return new Map([[first, error]]);
    const half = arrays.length >> 1;
    const before = await fillEach(table, arrays.slice(0, half));
    return new Map([...before, ...(await fillEach(table, arrays.slice(half)))]);
  }
}
