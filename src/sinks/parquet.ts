import type { DuckDBConnection, DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import { type Database, openDatabase, sqlName, sqlText, withConnection } from '../duckdb/database.ts';
import { interrupted, runError } from '../errors.ts';
import { WeightRows, type WeightTable } from './weight-rows.ts';

/**
 * Writes tables of weights as Parquet files, zstd, in row order. DuckDB asks for the weights of 2,048 rows at a time, and no
 * more than a row group is in memory. Files are written side by side, each by one thread: equal tables give equal bytes.
 *
 * @throws runError where writing fails; `interrupted` where the signal says so
 */
export async function writeParquet(
  outputs: readonly WeightTable[],
  threads: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const database = await openDatabase('--format parquet');
  const open = new Map<number, WeightRows>();
  try {
    await withConnection(database, async (connection) => {
      for (const code of [false, true]) registerWeights(database, connection, outputs, open, code);
    });
    let next = 0;
    const lane = (): Promise<void> =>
      withConnection(database, async (connection) => {
        while (next < outputs.length) {
          const number = next++;
          await writeOne(connection, outputs[number], number, open, signal);
        }
      });
    await Promise.all(Array.from({ length: Math.min(threads, outputs.length) }, lane));
  } finally {
    for (const rows of open.values()) rows.close();
    database.instance.closeSync();
  }
}

const functionName = (code: boolean): string => (code ? 'ghm_code' : 'ghm_weight');

/** Makes `ghm_weight(output, row, column)` known to SQL: what is in the raw rows. */
function registerWeights(
  { duckdb }: Database,
  connection: DuckDBConnection,
  outputs: readonly WeightTable[],
  open: Map<number, WeightRows>,
  code: boolean,
): void {
  const weights = (_: unknown, chunk: DuckDBDataChunk, out: DuckDBVector): void => {
    const [output, row, column] = [0, 1, 2].map((argument) => Number(chunk.getColumnVector(argument).getItem(0)));
    const rows = open.get(output) ?? new WeightRows(outputs[output]);
    open.set(output, rows);
    const values = code ? new Uint8Array(chunk.rowCount) : new Float32Array(chunk.rowCount);
    rows.read(row, column, values);
    for (let i = 0; i < values.length; i++) out.setItem(i, values[i]);
    out.flush();
  };
  connection.registerScalarFunction(
    duckdb.DuckDBScalarFunction.create({
      name: functionName(code),
      parameterTypes: [duckdb.INTEGER, duckdb.BIGINT, duckdb.INTEGER],
      returnType: code ? duckdb.UTINYINT : duckdb.FLOAT,
      mainFunction: weights,
    }),
  );
}

async function writeOne(
  connection: DuckDBConnection,
  table: WeightTable,
  number: number,
  open: Map<number, WeightRows>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) throw interrupted();
  const value = functionName(table.dtype === 'code');
  const columns = table.columns.map((name, column) => `${value}(${number}, range, ${column}) AS ${sqlName(name)}`);
  const stop = () => connection.interrupt();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await connection.run(
      `COPY (SELECT ${columns.join(', ')} FROM range(${table.rows})) TO ${sqlText(table.path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    throw runError(`writing the output failed (${error instanceof Error ? error.message : String(error)})`, error);
  } finally {
    signal?.removeEventListener('abort', stop);
    open.get(number)?.close();
    open.delete(number);
  }
}
