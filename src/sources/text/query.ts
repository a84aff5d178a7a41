import { type Database, rowsOf, sqlText, withConnection } from '../../duckdb/database.ts';
import { ExitCode, GhmError, inputError, runError, tellsOfOpenFiles } from '../../errors.ts';
import { parquetPath } from '../parquet/reading.ts';
import { hasPlainQuotes } from './quoting.ts';

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
  const found = await (format === 'csv' ? findCsv : findJson)({ path, name }, (sql) => textRows(file, sql));
  return { ...file, ...found };
}

interface TextFile {
  readonly path: string;
  /** For messages. */
  readonly name: string;
}

type Found = Pick<TextTable, 'columns' | 'from'>;
type Ask = (sql: string) => Promise<Readonly<Record<string, unknown>>[]>;

/** Found once, and told to each query: of a thousand columns it takes longer than reading them. */
async function findCsv(file: TextFile, ask: Ask): Promise<Found> {
  const form = (await formOf(file, ask)) ?? {};
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
  return { columns, from: `read_csv(${[parquetPath(file.path), ...options].join(', ')})` };
}

/**
 * The form of a CSV file. DuckDB tries every way to quote with every delimiter, for 4 s on 1,500 columns, and hears no
 * signal meanwhile: where a file has no choice of quotes it is told of the only ones there can be, nine times as fast.
 */
async function formOf({ path, name }: TextFile, ask: Ask): Promise<Readonly<Record<string, unknown>> | undefined> {
  const formFor = async (options: string) => {
    const [form] = await ask(
      'SELECT Delimiter, Quote, Escape, NewLineDelimiter, Comment, SkipRows, HasHeader, Columns, DateFormat, TimestampFormat ' +
        `FROM sniff_csv(${sqlText(path)}, sample_size = -1${options})`,
    );
    return form;
  };
  if (hasPlainQuotes(path, name)) {
    try {
      const form = await formFor(`, quote = '"', escape = '"'`);
      // one column is looked at again, at little cost: a double quote that quotes nothing may have hidden the others
      if (columnsOf(form?.Columns).length > 1) return form;
    } catch (error) {
      if (!(error instanceof GhmError) || error.exitCode !== ExitCode.badData) throw error;
    }
  }
  return formFor('');
}

/** As DuckDB names them. */
const NEW_LINES = ['\\n', '\\r\\n', '\\r'];

/** What is nested deeper than a list of numbers stays text. */
async function findJson({ path }: TextFile, ask: Ask): Promise<Found> {
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
  if (tellsOfOpenFiles(first)) return runError(`${name}: ${first}`, error);
  return inputError(`${name}: cannot be read as a table of numbers: ${first.slice(0, 200)}`);
}
