import { type Database, readingDatabase, sqlName, streamOf, withConnection } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import { columnsOf } from '../array-keys.ts';
import { arrayName, type Container } from '../container.ts';
import { identityFromStats } from '../identity.ts';
import type { InputHandle } from '../input-handle.ts';
import { rowVectors } from '../parquet/vectors.ts';
import { type BlockArray, DTYPE_BYTES } from '../source.ts';
import { NULL_INTEGER } from './memory.ts';
import { checkNesting } from './nesting.ts';
import { FROM, type TextFormat, textError, textRows } from './query.ts';

/** Files of text are read whole: for small things. */
const MOST_BYTES = 1 << 30;

const INTEGERS = /^(?:BOOLEAN|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?)$/;
const NUMBERS = /^(?:FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/;

/** How one array is cast: its type in SQL, and its columns or the length of its lists. */
interface Cast {
  readonly type: 'BIGINT' | 'FLOAT';
  readonly columns: readonly string[];
  readonly listLength: number | null;
}

/**
 * Opens a file of text, CSV, TSV or JSON Lines, with a table of up to 1 GiB. Its columns are read into memory when they are asked
 * for, numbers as float32 or int64.
 *
 * @throws inputError where it is too large, or no such table
 */
export async function openText(handle: InputHandle, format: TextFormat): Promise<Container> {
  const { path, name, stats } = handle;
  if (stats.size > MOST_BYTES) {
    throw inputError(
      `${name}: is ${stats.size} bytes of text, more than ${MOST_BYTES}; expected a small file. Convert it to Parquet, such as ` +
        `with DuckDB: COPY (FROM '${name}') TO 'x.parquet'`,
    );
  }
  if (format === 'jsonl') checkNesting(handle);
  const database = await readingDatabase(name);
  const from = FROM[format](path);
  const described = await textRows(
    database,
    name,
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`,
  );
  const columns = described.map((column) => ({ name: String(column.column_name), type: String(column.column_type) }));
  const [counted] = await textRows(database, name, `SELECT count(*) AS "rows" FROM ${from}`);
  const rows = Number(counted?.rows);

  const open = async (key: string): Promise<BlockArray> => {
    const own = arrayName(name, key);
    const chosen = columnsOf(columns, key);
    const cast = await castOf(database, from, chosen, own);
    const width = cast.listLength ?? chosen.length;
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
    await fill(database, from, array, cast, new Uint8Array(bytes));
    return array;
  };
  return { path, name, format, layout: 'columns', keys: columns.map((column) => column.name), open };
}

async function castOf(
  database: Database,
  from: string,
  columns: readonly { readonly name: string; readonly type: string }[],
  name: string,
): Promise<Cast> {
  const names = columns.map((column) => column.name);
  const bare = columns.map(({ type }) => type.replace(/\[\d*\]$/, ''));
  const wrong = bare.findIndex((type) => !INTEGERS.test(type) && !NUMBERS.test(type));
  const isList = columns.some(({ type }) => type.endsWith(']'));
  if (wrong >= 0 || (isList && columns.length > 1)) {
    const { name: column, type } = columns[Math.max(0, wrong)];
    throw inputError(
      `${name}: unsupported type: expected a column of numbers or of lists of them, found ${type.slice(0, 60)} in ${column}`,
    );
  }
  if (!isList)
    return { type: bare.every((type) => INTEGERS.test(type)) ? 'BIGINT' : 'FLOAT', columns: names, listLength: null };
  const column = sqlName(names[0]);
  const lengths = `SELECT min(len(${column})) AS least, max(len(${column})) AS most FROM ${from}`;
  const [found] = await textRows(database, name, lengths);
  if (found?.least !== found?.most) {
    throw inputError(`${name}: its lists are of ${found.least} to ${found.most} numbers; expected one length`);
  }
  return { type: 'FLOAT', columns: names, listLength: Number(found?.most ?? 1) };
}

/** Reads the rows of an array; nulls become marks, and among integers one that no label is. */
async function fill(database: Database, from: string, array: BlockArray, cast: Cast, into: Uint8Array): Promise<void> {
  const { bindings } = database;
  const values = cast.columns.map((column) =>
    cast.listLength === null
      ? `CAST(${sqlName(column)} AS ${cast.type})`
      : `CAST(${sqlName(column)} AS ${cast.type}[${cast.listLength}])`,
  );
  const nullAs = cast.type === 'FLOAT' ? 'mark' : NULL_INTEGER;
  const vectors = rowVectors({ ...array, nullAs }, { bindings, listLength: cast.listLength, firstVector: 0 });
  const rowBytes = array.columns * DTYPE_BYTES[array.dtype];
  await withConnection(database, async (connection) => {
    let row = 0;
    try {
      const result = await streamOf(bindings, connection, `SELECT ${values.join(', ')} FROM ${from}`);
      for (;;) {
        const chunk = await bindings.fetch_chunk(result);
        const length = chunk === null ? 0 : bindings.data_chunk_get_size(chunk);
        if (chunk === null || length === 0) break;
        if (row + length > array.rows) throw new RangeError('more rows than before');
        vectors.copy(chunk, length, into, row * rowBytes);
        row += length;
      }
    } catch (error) {
      throw textError(array.name, error);
    }
    if (row !== array.rows) throw textError(array.name, new RangeError(`${row} rows, and ${array.rows} before`));
  });
}
