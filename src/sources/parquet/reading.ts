import { sqlName, sqlText } from '../../duckdb/database.ts';
import type { BlockArray, Dtype, Row } from '../source.ts';

/** Which columns of a Parquet file an array is. Plain data. */
export interface ParquetReading {
  readonly kind: 'parquet';
  /** Names, side by side in a row. */
  readonly columns: readonly string[];
  /** The type that they are cast to. */
  readonly type: NumberType;
  /** Elements of each value where the one column holds lists; `null` where it holds numbers. */
  readonly listLength: number | null;
  /** Whether there may be nulls. */
  readonly nulls: boolean;
}

/** An array of a Parquet file. */
export type ParquetArray = BlockArray & { readonly reading: ParquetReading };

/** The arrays, where all are of Parquet. */
export function parquetArrays(sources: readonly BlockArray[]): ParquetArray[] | null {
  const arrays = sources.filter((source): source is ParquetArray => source.reading.kind === 'parquet');
  return arrays.length === sources.length ? arrays : null;
}

/** Elements in a row of all of them. */
export const elementsOfRow = (arrays: readonly ParquetArray[]): number =>
  arrays.reduce((sum, { columns }) => sum + columns, 0);

/** Types of numbers in SQL, and the dtype of their elements in memory. */
export const NUMBER_TYPES = {
  BOOLEAN: 'bool',
  TINYINT: 'int8',
  UTINYINT: 'uint8',
  SMALLINT: 'int16',
  USMALLINT: 'uint16',
  INTEGER: 'int32',
  UINTEGER: 'uint32',
  BIGINT: 'int64',
  UBIGINT: 'uint64',
  FLOAT: 'float32',
  DOUBLE: 'float64',
} as const satisfies Readonly<Record<string, Dtype>>;
export type NumberType = keyof typeof NUMBER_TYPES;

/** `FROM` of a file, whose path is no pattern and no partition. */
export const fromParquet = (path: string): string =>
  `read_parquet(${parquetPath(path)}, file_row_number = true, hive_partitioning = false)`;

/** A path as a literal of SQL in which DuckDB finds no wildcards. */
export const parquetPath = (path: string): string => sqlText(path.replace(/[*?[]/g, (wildcard) => `[${wildcard}]`));

/**
 * The query for rows [firstRow, end) of arrays of one file, side by side. Of a row group that a filter leaves out DuckDB looks at the
 * statistics; it does not come to those behind a limit.
 */
export function rowsQuery(arrays: readonly ParquetArray[], firstRow: Row, end: Row): string {
  const [{ path, rows }] = arrays;
  const values = arrays.flatMap(valuesOf).join(', ');
  const isWhole = firstRow === 0 && end === rows;
  // a limit without a filter takes twice the time
  const some = isWhole ? '' : ` WHERE file_row_number >= ${firstRow} LIMIT ${end - firstRow}`;
  return `SELECT ${values} FROM ${fromParquet(path)}${some}`;
}

/** Files of one query, at most: their numbers are bytes, and longer queries take longer a file. */
export const MOST_FILES = 64;

/** The query for rows [firstRow, end) of whole files one after the other, and the number of the file beside each row. */
export function filesQuery(files: readonly (readonly ParquetArray[])[], firstRow: Row, end: Row): string {
  const all = files
    .map((arrays, number) => {
      const values = [...arrays.flatMap(valuesOf), `${number}::UTINYINT`].join(', ');
      return `SELECT ${values} FROM ${fromParquet(arrays[0].path)}`;
    })
    .join(' UNION ALL ');
  return firstRow === 0 ? all : `SELECT * FROM (${all}) LIMIT ${end - firstRow} OFFSET ${firstRow}`;
}

/** The columns of an array: numbers without nulls, or arrays with. */
function valuesOf({ nullAs, reading: { columns, type, listLength, nulls } }: ParquetArray): string[] {
  return columns.map((column) => {
    if (listLength !== null) return `CAST(${sqlName(column)} AS ${type}[${listLength}])`;
    const value = `CAST(${sqlName(column)} AS ${type})`;
    // marks are put where the vectors are copied
    return nulls && typeof nullAs === 'number' ? `coalesce(${value}, CAST('${nullAs}' AS ${type}))` : value;
  });
}
