import { type Database, flatRowsOf, sqlName, withConnection } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import type { BlockArray, Row } from '../source.ts';
import { fromParquet, type ParquetReading } from './reading.ts';

/** The error for the first list, from `firstRow` on, whose length is not that of the others; `null` if there is none. */
export async function wrongList(
  database: Database,
  source: BlockArray,
  { columns, listLength }: ParquetReading,
  firstRow: Row,
): Promise<Error | null> {
  if (listLength === null) return null;
  const column = sqlName(columns[0]);
  const query =
    `SELECT file_row_number::DOUBLE AS "row", len(${column})::DOUBLE AS length FROM ${fromParquet(source.path)} ` +
    `WHERE file_row_number >= ${firstRow} AND len(${column}) <> ${listLength} LIMIT 1`;
  try {
    const [wrong] = await withConnection(database, (connection) => flatRowsOf(database.bindings, connection, query));
    if (wrong === undefined) return null;
    return inputError(
      `${source.name}: row ${wrong.row}: expected a list of ${listLength} numbers, as in the first row, found ${wrong.length}`,
    );
  } catch {
    return null;
  }
}
