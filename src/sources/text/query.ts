import { type Database, rowsOf, withConnection } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';

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
