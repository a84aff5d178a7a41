import { type Database, rowsOf, withConnection } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import { parquetPath } from '../parquet/reading.ts';

export type TextFormat = 'csv' | 'jsonl';

/** `FROM` of a file. Types are found from all of its lines; what is nested deeper than a list of numbers stays text. */
export const FROM: Readonly<Record<TextFormat, (path: string) => string>> = {
  csv: (path) => `read_csv(${parquetPath(path)}, sample_size = -1)`,
  jsonl: (path) =>
    `read_json(${parquetPath(path)}, format = 'newline_delimited', records = true, sample_size = -1, maximum_depth = 3)`,
};

/** Rows of a query of a file of text. @throws inputError where DuckDB cannot read it */
export async function textRows(
  database: Database,
  name: string,
  sql: string,
): Promise<Readonly<Record<string, unknown>>[]> {
  try {
    return await withConnection(database, (connection) => rowsOf(database.bindings, connection, sql));
  } catch (error) {
    throw textError(name, error);
  }
}

/** What an error of DuckDB means for the input `name`. */
export function textError(name: string, error: unknown): Error {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return inputError(`${name}: cannot be read as a table of numbers: ${first.slice(0, 200)}`);
}
