import { type Database, sqlName } from '../duckdb/database.ts';
import { fromParquet } from '../sources/parquet/reading.ts';
import { findTable } from '../sources/text/query.ts';
import type { KeptColumns } from './weight-rows.ts';

/** What has the rows of a file that DuckDB reads, in SQL, and the column that numbers them from 0. */
export async function numberedRows(
  database: Database,
  { path, format }: KeptColumns,
): Promise<{ readonly from: string; readonly row: string }> {
  if (format !== 'csv' && format !== 'jsonl') return { from: fromParquet(path), row: 'file_row_number' };
  const row = sqlName('number of the row');
  const { from } = await findTable(database, path, path, format);
  return { from: `(SELECT *, row_number() OVER () - 1 AS ${row} FROM ${from})`, row };
}
