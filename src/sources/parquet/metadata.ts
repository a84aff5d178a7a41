import { type Database, rowsOf, withConnection } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import type { Row } from '../source.ts';
import { fromParquet, parquetPath } from './reading.ts';

/** One column of a Parquet file. */
export interface ParquetColumn {
  readonly name: string;
  /** As SQL calls it: `FLOAT`, `FLOAT[]`, `VARCHAR`. */
  readonly type: string;
  /** Whether some value may be null, by the statistics. */
  readonly nulls: boolean;
  readonly storedBytes: number;
}

/** What the footer of a Parquet file says. */
export interface ParquetMetadata {
  readonly rows: Row;
  /** First row of each row group that has rows. */
  readonly blocks: readonly Row[];
  readonly columns: readonly ParquetColumn[];
}

/** @throws inputError where the footer is damaged or contradicts itself */
export async function parquetMetadata(database: Database, path: string, name: string): Promise<ParquetMetadata> {
  const read = (sql: string) => tableRows(database, name, sql);
  const [file] = await read(`SELECT num_rows FROM parquet_file_metadata(${parquetPath(path)})`);
  const described = await read(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${fromParquet(path)})`,
  );
  // once for both: each time statistics of all columns of all row groups are made into text
  const facts = await read(
    "SELECT row_group_id AS id, split_part(path_in_schema, ', ', 1) AS name, grouping(id) = 0 AS is_group, " +
      'any_value(row_group_num_rows) AS rows, sum(total_compressed_size)::DOUBLE AS bytes, ' +
      'bool_and(stats_null_count = 0 AND stats_null_count IS NOT NULL) AS whole ' +
      `FROM parquet_metadata(${parquetPath(path)}) GROUP BY GROUPING SETS ((id), (name)) ORDER BY id`,
  );
  const groups = facts.filter(({ is_group }) => is_group === true);
  const rows = Number(file?.num_rows);
  const blocks: Row[] = [];
  let next = 0;
  for (const group of groups) {
    const groupRows = Number(group.rows);
    if (!(groupRows >= 0)) throw inputError(`${name}: damaged: row group ${group.id} has ${group.rows} rows`);
    if (groupRows > 0) blocks.push(next);
    next += groupRows;
  }
  if (next !== rows || !Number.isSafeInteger(rows)) {
    throw inputError(`${name}: damaged: the footer says ${rows} rows, its row groups have ${next}`);
  }
  const stored = new Map(
    facts.filter(({ is_group }) => is_group === false).map((column) => [String(column.name), column]),
  );
  const columns = described.map(({ column_name, column_type }): ParquetColumn => {
    const column = stored.get(String(column_name));
    return {
      name: String(column_name),
      type: String(column_type),
      nulls: column?.whole !== true,
      storedBytes: Math.max(0, Number(column?.bytes ?? 0)),
    };
  });
  return { rows, blocks, columns };
}

/** Rows of a query of a file. @throws inputError where DuckDB cannot read it */
export async function tableRows(
  database: Database,
  name: string,
  sql: string,
): Promise<Readonly<Record<string, unknown>>[]> {
  try {
    return await withConnection(database, (connection) => rowsOf(database.bindings, connection, sql));
  } catch (error) {
    throw damaged(name, error);
  }
}

/** What an error of DuckDB means for the input `name`. */
export function damaged(name: string, error: unknown): Error {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return inputError(`${name}: cannot be read as Parquet: ${first.slice(0, 200)}. Is it whole?`);
}
