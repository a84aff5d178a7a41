import { type Database, type FlatValue, flatRowsOf, leaveEnded, withConnection } from '../../duckdb/database.ts';
import { inputError, runError, tellsOfOpenFiles } from '../../errors.ts';
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
  /** Values of all row groups, nulls too, and those in lists; of a column that DuckDB calls otherwise the fewest it may have. */
  readonly values: number;
}

/** What the footer of a Parquet file says. */
export interface ParquetMetadata {
  readonly rows: Row;
  /** First row of each row group that has rows. */
  readonly blocks: readonly Row[];
  readonly columns: readonly ParquetColumn[];
}

/** A row of texts and doubles. */
export type FlatRow = Readonly<Record<string, FlatValue>>;

/** What DuckDB answers when it is asked about the footer of a file. */
export interface FooterAnswers {
  /** `rows` */
  readonly file: FlatRow | undefined;
  /** `column_name` and `column_type` of each column. */
  readonly described: readonly FlatRow[];
  /** Of each row group and leaf, as CHUNK_FIELDS says. */
  readonly chunks: readonly FlatRow[];
}

/** Asked once for row groups and columns: each time statistics of all columns of all row groups are made into text. */
export const CHUNK_FIELDS =
  'row_group_id::DOUBLE AS "group", row_group_num_rows::DOUBLE AS rows, column_id::DOUBLE AS leaf, ' +
  "CASE WHEN row_group_id = 0 THEN path_in_schema ELSE '' END AS path, " +
  'total_compressed_size::DOUBLE AS bytes, num_values::DOUBLE AS "values", (stats_null_count = 0)::DOUBLE AS whole';

/** The query for names and types of the columns of a file. */
export const describeQuery = (path: string): string =>
  `SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${fromParquet(path)})`;

/** @throws inputError where the footer is damaged or contradicts itself */
export async function parquetMetadata(database: Database, path: string, name: string): Promise<ParquetMetadata> {
  const [[file], described, chunks] = await allTables(database, name, [
    `SELECT num_rows::DOUBLE AS rows FROM parquet_file_metadata(${parquetPath(path)})`,
    describeQuery(path),
    `SELECT ${CHUNK_FIELDS} FROM parquet_metadata(${parquetPath(path)})`,
  ]);
  return metadataOf({ file, described, chunks }, name);
}

/** What the footer says, put together. @throws inputError where it is damaged or contradicts itself */
export function metadataOf({ file, described, chunks }: FooterAnswers, name: string): ParquetMetadata {
  const groupRows = new Map(chunks.map((chunk) => [Number(chunk.group), chunk.rows]));
  const rows = Number(file?.rows);
  const blocks: Row[] = [];
  let next = 0;
  for (const group of [...groupRows.keys()].sort((a, b) => a - b)) {
    const own = groupRows.get(group) ?? Number.NaN;
    if (!(Number(own) >= 0)) throw inputError(`${name}: damaged: row group ${group} has ${own} rows`);
    if (Number(own) > 0) blocks.push(next);
    next += Number(own);
  }
  if (next !== rows || !Number.isSafeInteger(rows)) {
    throw inputError(`${name}: damaged: the footer says ${rows} rows, its row groups have ${next}`);
  }
  const { stored, nameless } = storedColumns(chunks, new Set(described.map(({ column_name }) => String(column_name))));
  const columns = described.map(({ column_name, column_type }): ParquetColumn => {
    const column = stored.get(String(column_name));
    return {
      name: String(column_name),
      type: String(column_type),
      nulls: column?.whole !== true,
      storedBytes: Math.max(0, column?.bytes ?? 0),
      values: column?.values ?? nameless,
    };
  });
  return { rows, blocks, columns };
}

interface StoredColumn {
  readonly bytes: number;
  readonly values: number;
  /** Whether all say that they have no nulls. */
  readonly whole: boolean;
}

/**
 * What all row groups have of each column, by its name; a nested one has several leaves. Beside that the fewest values of a leaf of
 * no column: where two names differ by case alone DuckDB calls the second otherwise (`Labels_1`). 0 where there is none.
 */
function storedColumns(
  chunks: readonly FlatRow[],
  columnNames: ReadonlySet<string>,
): { readonly stored: ReadonlyMap<string, StoredColumn>; readonly nameless: number } {
  const first = chunks.filter(({ group }) => group === 0);
  const columnOf = columnFinder(columnNames);
  const names = new Map(first.map(({ leaf, path }) => [leaf, columnOf(String(path))]));
  const stored = new Map<string, StoredColumn>();
  const others = new Map<FlatValue, number>();
  for (const { leaf, bytes, values, whole } of chunks) {
    const name = names.get(leaf);
    if (name === undefined) {
      others.set(leaf, (others.get(leaf) ?? 0) + Number(values));
      continue;
    }
    const column = stored.get(name) ?? { bytes: 0, values: 0, whole: true };
    stored.set(name, {
      bytes: column.bytes + Number(bytes),
      values: column.values + Number(values),
      whole: column.whole && whole === 1,
    });
  }
  const fewest = [...others.values()].reduce((least, values) => Math.min(least, values), Number.POSITIVE_INFINITY);
  return { stored, nameless: others.size === 0 ? 0 : fewest };
}

/**
 * Finds the column of a leaf by its path: `a, list, element` is of `a`, or of `a, list` where that is a column; of none where none
 * is called so.
 */
function columnFinder(columnNames: ReadonlySet<string>): (path: string) => string | undefined {
  const lengths = [...new Set([...columnNames].map((name) => name.length))].sort((a, b) => b - a);
  return (path) => {
    const length = lengths.find(
      (n) => (n === path.length || path.startsWith(', ', n)) && columnNames.has(path.slice(0, n)),
    );
    return length === undefined ? undefined : path.slice(0, length);
  };
}

/** Rows of several queries of a file at once. @throws the error of the first that fails, of the order that they are given in */
export async function allTables(database: Database, name: string, queries: readonly string[]): Promise<FlatRow[][]> {
  const answers = await Promise.allSettled(queries.map((sql) => tableRows(database, name, sql)));
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

/** Rows of a query of a file, of texts and doubles. @throws inputError where DuckDB cannot read it */
export async function tableRows(database: Database, name: string, sql: string): Promise<FlatRow[]> {
  try {
    return await withConnection(database, (connection) => flatRowsOf(database.bindings, connection, sql));
  } catch (error) {
    throw damaged(name, error);
  }
}

/** What an error of DuckDB means for the input `name`. */
export function damaged(name: string, error: unknown): Error {
  leaveEnded(error);
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  if (tellsOfOpenFiles(first)) return runError(`${name}: ${first}`, error);
  return inputError(`${name}: cannot be read as Parquet: ${first.slice(0, 200)}. Is it whole?`);
}
