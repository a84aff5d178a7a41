import { type Connection, type Database, openDatabase, sqlName, sqlText, withConnection } from '../duckdb/database.ts';
import { interrupted, runError } from '../errors.ts';
import { ArrowColumns, KEPT_TYPES, type KeptType } from './arrow-columns.ts';
import { numberedRows } from './numbered-rows.ts';
import { type RowsCall, registerRowFunction } from './row-functions.ts';
import { WeightRows, type WeightTable } from './weight-rows.ts';

/** What a table is written from. */
interface OpenTable {
  readonly weights: WeightRows;
  /** Columns that DuckDB cannot read by itself. */
  readonly kept: ArrowColumns | null;
}

/**
 * Writes tables of weights as Parquet files, zstd, in row order. DuckDB asks for the weights of 2,048 rows at a time, and no
 * more than a row group is in memory. Files are written side by side, each by one thread: equal tables give equal bytes.
 *
 * @throws runError where writing fails; `interrupted` where the signal says so
 */
export async function writeParquet(
  tables: readonly WeightTable[],
  threads: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const database = await openDatabase('--format parquet');
  const open = new Map<number, OpenTable>();
  try {
    await withConnection(database, async (connection) => registerFunctions(database, connection, open));
    let next = 0;
    const lane = (): Promise<void> =>
      withConnection(database, async (connection) => {
        while (next < tables.length) {
          const number = next++;
          await writeOne(database, connection, { table: tables[number], number, open }, signal);
        }
      });
    await Promise.all(Array.from({ length: Math.min(threads, tables.length) }, lane));
  } finally {
    database.bindings.close_sync(database.database);
  }
}

const weightFunction = (code: boolean): string => (code ? 'ghm_code' : 'ghm_weight');
const keptFunction = (type: KeptType): string => `ghm_kept_${type}`;

/** Makes known to SQL what is in the raw rows of open tables, and in the columns of Arrow files that go with them. */
function registerFunctions(database: Database, connection: Connection, open: ReadonlyMap<number, OpenTable>): void {
  const { bindings } = database;
  for (const code of [false, true]) {
    registerRowFunction(database, connection, {
      name: weightFunction(code),
      type: code ? 'UTINYINT' : 'FLOAT',
      fill({ table, row, column, length, out }) {
        const values = code ? new Uint8Array(length) : new Float32Array(length);
        open.get(table)?.weights.read(row, column, values);
        bindings.copy_data_to_vector(out, 0, values.buffer, 0, values.byteLength);
      },
    });
  }
  for (const type of KEPT_TYPES) {
    const fill = (call: RowsCall) => open.get(call.table)?.kept?.fill(bindings, call);
    registerRowFunction(database, connection, { name: keptFunction(type), type, fill });
  }
}

interface NumberedTable {
  readonly table: WeightTable;
  readonly number: number;
  readonly open: Map<number, OpenTable>;
}

async function writeOne(
  database: Database,
  connection: Connection,
  { table, number, open }: NumberedTable,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) throw interrupted();
  const { bindings } = database;
  const arrow = table.kept?.format === 'arrow' ? await ArrowColumns.open(table.kept) : null;
  const weights = new WeightRows(table);
  open.set(number, { weights, kept: arrow });
  const stop = () => bindings.interrupt(connection);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { from, row, kept } = await keptRows(database, table, arrow, number);
    const value = weightFunction(table.dtype === 'code');
    const own = table.columns.map((name, column) => `${value}(${number}, ${row}, ${column}) AS ${sqlName(name)}`);
    const select = `SELECT ${[...kept, ...own].join(', ')} FROM ${from}`;
    await bindings.query(connection, `COPY (${select}) TO ${sqlText(table.path)} (FORMAT parquet, COMPRESSION zstd)`);
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    throw runError(`writing the output failed (${error instanceof Error ? error.message : String(error)})`, error);
  } finally {
    signal?.removeEventListener('abort', stop);
    open.delete(number);
    weights.close();
    arrow?.close();
  }
}

/** What the rows of an output come from, in SQL: the columns kept, and the one that numbers the rows. */
async function keptRows(
  database: Database,
  { rows, kept }: WeightTable,
  arrow: ArrowColumns | null,
  number: number,
): Promise<{ readonly from: string; readonly row: string; readonly kept: readonly string[] }> {
  const counted = { from: `range(${rows})`, row: 'range' };
  if (kept === null) return { ...counted, kept: [] };
  const names = kept.columns.map(sqlName);
  if (arrow === null) return { ...(await numberedRows(database, kept)), kept: names };
  return {
    ...counted,
    kept: arrow.types.map((type, i) => `${keptFunction(type)}(${number}, range, ${i}) AS ${names[i]}`),
  };
}
