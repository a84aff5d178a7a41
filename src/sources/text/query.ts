import { type Database, rowsOf, sqlText, withConnection } from '../../duckdb/database.ts';
import { GhmError, inputError } from '../../errors.ts';
import { parquetPath } from '../parquet/reading.ts';

export type TextFormat = 'csv' | 'jsonl';

/** A column as DuckDB has found it. */
export interface Column {
  readonly name: string;
  /** In SQL. */
  readonly type: string;
}

/** The table in a file of text. */
export interface TextTable {
  readonly database: Database;
  /** Of the file, for messages. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** In SQL. */
  readonly from: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds the table in a file: its form, and the types of its columns from all of its lines.
 *
 * @throws inputError where there is none
 */
export async function findTable(
  database: Database,
  name: string,
  path: string,
  format: TextFormat,
  signal?: AbortSignal,
): Promise<TextTable> {
  const file = { database, name, signal };
  const found = await (format === 'csv' ? findCsv : findJson)(path, (sql) => textRows(file, sql));
  return { ...file, ...found };
}

type Found = Pick<TextTable, 'columns' | 'from'>;
type Ask = (sql: string) => Promise<Readonly<Record<string, unknown>>[]>;

/** Found once, and told to each query: of a thousand columns it takes twenty times as long as reading them. */
async function findCsv(path: string, ask: Ask): Promise<Found> {
  const [form = {}] = await ask(
    'SELECT Delimiter, Quote, Escape, NewLineDelimiter, Comment, SkipRows, HasHeader, Columns, DateFormat, TimestampFormat ' +
      `FROM sniff_csv(${sqlText(path)}, sample_size = -1)`,
  );
  const columns = columnsOf(form.Columns);
  const text = (value: unknown): string => sqlText(value === '(empty)' ? '' : String(value));
  const newLine = String(form.NewLineDelimiter);
  const options = [
    'auto_detect = false',
    `delim = ${text(form.Delimiter)}`,
    `quote = ${text(form.Quote)}`,
    `escape = ${text(form.Escape)}`,
    ...(NEW_LINES.includes(newLine) ? [`new_line = ${sqlText(newLine)}`] : []),
    `comment = ${text(form.Comment)}`,
    `skip = ${Number(form.SkipRows)}`,
    `header = ${form.HasHeader === true}`,
    ...(form.DateFormat === null ? [] : [`dateformat = ${text(form.DateFormat)}`]),
    ...(form.TimestampFormat === null ? [] : [`timestampformat = ${text(form.TimestampFormat)}`]),
    `columns = {${columns.map((column) => `${sqlText(column.name)}: ${sqlText(column.type)}`).join(', ')}}`,
  ];
  return { columns, from: `read_csv(${[parquetPath(path), ...options].join(', ')})` };
}

/** As DuckDB names them. */
const NEW_LINES = ['\\n', '\\r\\n', '\\r'];

/** What is nested deeper than a list of numbers stays text. */
async function findJson(path: string, ask: Ask): Promise<Found> {
  const options = [
    "format = 'newline_delimited'",
    'records = true',
    'sample_size = -1',
    'maximum_depth = 3',
    // objects of many fields are rows too
    'map_inference_threshold = -1',
  ];
  const from = `read_json(${[parquetPath(path), ...options].join(', ')})`;
  const described = await ask(
    `SELECT list({name: column_name, type: column_type}) AS "Columns" FROM (DESCRIBE SELECT * FROM ${from})`,
  );
  return { columns: columnsOf(described[0]?.Columns), from };
}

const columnsOf = (listed: unknown): Column[] =>
  (Array.isArray(listed) ? listed : []).map((column) => ({ name: String(column.name), type: String(column.type) }));

const INTEGERS = /^(?:BOOLEAN|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?)$/;
const NUMBERS = /^(?:FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/;

export const isInteger = (type: string): boolean => INTEGERS.test(type);
export const isNumeric = (type: string): boolean => isInteger(type) || NUMBERS.test(type);

/** Rows of a query of a file of text. @throws inputError where DuckDB cannot read it */
export async function textRows(
  { database, name, signal }: Pick<TextTable, 'database' | 'name' | 'signal'>,
  sql: string,
): Promise<Readonly<Record<string, unknown>>[]> {
  try {
    return await withConnection(database, (connection) => rowsOf(database.bindings, connection, sql), signal);
  } catch (error) {
    throw error instanceof GhmError ? error : textError(name, error);
  }
}

/** What an error of DuckDB means for the input `name`. */
export function textError(name: string, error: unknown): Error {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return inputError(`${name}: cannot be read as a table of numbers: ${first.slice(0, 200)}`);
}
