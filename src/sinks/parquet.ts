import type duckdb from '@duckdb/node-bindings';
import { type Connection, type Database, openDatabase, sqlName, sqlText, withConnection } from '../duckdb/database.ts';
import { interrupted, runError } from '../errors.ts';
import { numberedRows } from './numbered-rows.ts';
import { WeightRows, type WeightTable } from './weight-rows.ts';

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
  const open = new Map<number, WeightRows>();
  try {
    await withConnection(database, async (connection) => {
      for (const code of [false, true]) registerWeights(database, connection, tables, open, code);
    });
    let next = 0;
    const lane = (): Promise<void> =>
      withConnection(database, async (connection) => {
        while (next < tables.length) {
          const number = next++;
          await writeOne(database, connection, tables[number], number, signal);
          open.get(number)?.close();
          open.delete(number);
        }
      });
    await Promise.all(Array.from({ length: Math.min(threads, tables.length) }, lane));
  } finally {
    for (const rows of open.values()) rows.close();
    database.bindings.close_sync(database.database);
  }
}

const functionName = (code: boolean): string => (code ? 'ghm_code' : 'ghm_weight');

/** Makes `ghm_weight(table, row, column)` known to SQL: what is in the raw rows. */
function registerWeights(
  { bindings }: Database,
  connection: Connection,
  tables: readonly WeightTable[],
  open: Map<number, WeightRows>,
  code: boolean,
): void {
  const { Type } = bindings;
  const first = (chunk: duckdb.DataChunk, argument: number): DataView => {
    const bytes = bindings.vector_get_data(bindings.data_chunk_get_vector(chunk, argument), 8);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const weights = (_: unknown, chunk: duckdb.DataChunk, out: duckdb.Vector): void => {
    const table = first(chunk, 0).getInt32(0, true);
    const row = Number(first(chunk, 1).getBigInt64(0, true));
    const column = first(chunk, 2).getInt32(0, true);
    const rows = open.get(table) ?? new WeightRows(tables[table]);
    open.set(table, rows);
    const length = bindings.data_chunk_get_size(chunk);
    const values = code ? new Uint8Array(length) : new Float32Array(length);
    rows.read(row, column, values);
    bindings.copy_data_to_vector(out, 0, values.buffer, 0, values.byteLength);
  };
  const definition = bindings.create_scalar_function();
  bindings.scalar_function_set_name(definition, functionName(code));
  for (const type of [Type.INTEGER, Type.BIGINT, Type.INTEGER]) {
    bindings.scalar_function_add_parameter(definition, bindings.create_logical_type(type));
  }
  bindings.scalar_function_set_return_type(definition, bindings.create_logical_type(code ? Type.UTINYINT : Type.FLOAT));
  bindings.scalar_function_set_function(definition, weights);
  bindings.register_scalar_function(connection, definition);
}

async function writeOne(
  database: Database,
  connection: Connection,
  table: WeightTable,
  number: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) throw interrupted();
  const { bindings } = database;
  const value = functionName(table.dtype === 'code');
  const { from, row } =
    table.kept === null ? { from: `range(${table.rows})`, row: 'range' } : await numberedRows(database, table.kept);
  const kept = table.kept?.columns.map(sqlName) ?? [];
  const weights = table.columns.map((name, column) => `${value}(${number}, ${row}, ${column}) AS ${sqlName(name)}`);
  const stop = () => bindings.interrupt(connection);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await bindings.query(
      connection,
      `COPY (SELECT ${[...kept, ...weights].join(', ')} FROM ${from}) TO ${sqlText(table.path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    throw runError(`writing the output failed (${error instanceof Error ? error.message : String(error)})`, error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
