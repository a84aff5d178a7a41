import { createRequire } from 'node:module';
import type duckdb from '@duckdb/node-bindings';
import { interrupted, runError } from '../errors.ts';

/** The bindings of DuckDB: its C interface. The package above them takes 0.25 s to load in each thread. */
export type Bindings = typeof duckdb;
export type Connection = duckdb.Connection;

/** DuckDB, in memory, as it reads and writes tables for us. */
export interface Database {
  readonly bindings: Bindings;
  readonly database: duckdb.Database;
}

/** To import them would start the loader of modules in each thread, which takes as long again. */
const load = createRequire(import.meta.url);

const OPTIONS = {
  threads: '1',
  // more than any honest row group needs, and little enough that a dishonest one does no harm
  memory_limit: '2GiB',
  temp_directory: '',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  // a file is asked about again and again, and for nothing these read the statistics of all its row groups each time
  disabled_optimizers: 'statistics_propagation,join_order',
  enable_external_file_cache: 'false',
} as const;

/**
 * Opens a database that works on one thread, keeps rows in their order, and never reaches for the network or a temporary file.
 *
 * @param purpose what needs it, for the message: `reading a.parquet`
 * @throws runError where the package is not installed
 */
export async function openDatabase(purpose: string): Promise<Database> {
  let bindings: Bindings;
  try {
    bindings = load('@duckdb/node-bindings');
  } catch (error) {
    throw runError(
      `${purpose} needs the package @duckdb/node-bindings, which is not installed or does not run here ` +
        '(npm install without --omit=optional installs it)',
      error,
    );
  }
  const config = bindings.create_config();
  for (const [name, value] of Object.entries(OPTIONS)) bindings.set_config(config, name, value);
  const opened = { bindings, database: await bindings.open(':memory:', config) };
  if (footersAreKept) await withConnection(opened, (connection) => bindings.query(connection, KEEP_FOOTERS));
  return opened;
}

/** An option of the reader of Parquet, which is not there before the database is. */
const KEEP_FOOTERS = 'SET GLOBAL parquet_metadata_cache = true';

let footersAreKept = false;

/**
 * Has databases that this thread opens from now on read the footer of a Parquet file once. That is for threads that end with the
 * run: a file that is written anew within the second, as long as before, is taken for the one that it was.
 */
export const keepFooters = (): void => {
  footersAreKept = true;
};

let reading: Promise<Database> | undefined;

/** The database of this thread that files are read with; opened when first asked for, and kept. */
export const readingDatabase = (name: string): Promise<Database> => {
  reading ??= openDatabase(`reading ${name}`);
  return reading;
};

/** After an error that is its own fault a database answers nothing any more. */
const ENDS_DATABASE = /^(?:INTERNAL|FATAL) Error/;

/** Has the database of this thread opened anew for the next file where this error has ended it. */
export function leaveEnded(error: unknown): void {
  if (error instanceof Error && ENDS_DATABASE.test(error.message)) reading = undefined;
}

/**
 * Runs `use` with a connection, and closes it afterwards.
 *
 * @throws `interrupted` where the signal says so: what DuckDB is at is given up, and where it does not hear that, left alone
 */
export async function withConnection<T>(
  { bindings, database }: Database,
  use: (connection: Connection) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (signal?.aborted) throw interrupted();
  const connection = await bindings.connect(database);
  const used = use(connection).finally(() => bindings.disconnect_sync(connection));
  used.catch(leaveEnded);
  return signal === undefined ? used : untilAborted(used, signal, () => bindings.interrupt(connection));
}

/** DuckDB hears an interrupt between two steps of a query; looking at a wide CSV file is one step, of seconds. */
const TIME_TO_HEAR_MS = 400;

/** What comes of `work`, or an error soon after the signal, when the work may still go on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal, interrupt: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
      interrupt();
      timer = setTimeout(() => reject(interrupted()), TIME_TO_HEAR_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    work
      .then(resolve, (error) => reject(signal.aborted ? interrupted() : error))
      .finally(() => {
        signal.removeEventListener('abort', stop);
        clearTimeout(timer);
      });
  });
}

/** Starts a query whose rows are made as they are fetched. */
export async function streamOf(bindings: Bindings, connection: Connection, sql: string): Promise<duckdb.Result> {
  const statement = await bindings.prepare(connection, sql);
  try {
    return await bindings.execute_prepared_streaming(statement);
  } finally {
    bindings.destroy_prepare_sync(statement);
  }
}

/** `PendingState` of the bindings. */
const NOT_READY = 1;
const FAILED = 2;

/**
 * All rows of a query, made on this very thread, task by task. `query` works on the threads that all of ours share for such
 * things: there are four, however many cores there are.
 */
export async function rowsMadeHere(bindings: Bindings, connection: Connection, sql: string): Promise<duckdb.Result> {
  const statement = await bindings.prepare(connection, sql);
  try {
    const pending = bindings.pending_prepared(statement);
    let state: number = NOT_READY;
    while (state === NOT_READY) state = bindings.pending_execute_task(pending);
    if (state === FAILED) throw new Error(bindings.pending_error(pending));
    return await bindings.execute_pending(pending);
  } finally {
    bindings.destroy_prepare_sync(statement);
  }
}

/** All rows of a small query, as JSON has them. */
export async function rowsOf(
  bindings: Bindings,
  connection: Connection,
  sql: string,
): Promise<Readonly<Record<string, unknown>>[]> {
  const result = await streamOf(
    bindings,
    connection,
    `SELECT CAST(to_json(answer) AS VARCHAR) FROM (${sql}) AS answer`,
  );
  const rows: Readonly<Record<string, unknown>>[] = [];
  for await (const { chunk, length } of chunksOf(bindings, result)) {
    for (const text of textsOf(bindings, bindings.data_chunk_get_vector(chunk, 0), length)) {
      rows.push(JSON.parse(text ?? '{}'));
    }
  }
  return rows;
}

/** What has come of a result, until all of it has. */
async function* chunksOf(
  bindings: Bindings,
  result: duckdb.Result,
): AsyncIterable<{ readonly chunk: duckdb.DataChunk; readonly length: number }> {
  for (;;) {
    const chunk = await bindings.fetch_chunk(result);
    const length = chunk === null ? 0 : bindings.data_chunk_get_size(chunk);
    if (chunk === null || length === 0) return;
    yield { chunk, length };
  }
}

/** A text or a number of a table; `null` where it has none. */
export type FlatValue = string | number | null;

/**
 * All rows of a small query whose columns are VARCHAR or DOUBLE. Read from the vectors: to make JSON of them takes longer to plan
 * than most such queries take. All at once: as a stream each file that is asked about would be waited for.
 */
export async function flatRowsOf(
  bindings: Bindings,
  connection: Connection,
  sql: string,
): Promise<Readonly<Record<string, FlatValue>>[]> {
  const result = await bindings.query(connection, sql);
  const names = Array.from({ length: bindings.column_count(result) }, (_, i) => bindings.column_name(result, i));
  const rows: Record<string, FlatValue>[] = [];
  for (let i = 0; i < bindings.result_chunk_count(result); i++) {
    const chunk = bindings.result_get_chunk(result, i);
    const length = bindings.data_chunk_get_size(chunk);
    const columns = names.map((_, column) => {
      const vector = bindings.data_chunk_get_vector(chunk, column);
      const isText = bindings.column_type(result, column) === TYPE_VARCHAR;
      return isText ? textsOf(bindings, vector, length) : doublesOf(bindings, vector, length);
    });
    for (let row = 0; row < length; row++) {
      rows.push(Object.fromEntries(names.map((name, column) => [name, columns[column][row]])));
    }
  }
  return rows;
}

/** `Type.VARCHAR` of the bindings, whose package is loaded late. */
const TYPE_VARCHAR = 17;

function doublesOf(bindings: Bindings, vector: duckdb.Vector, length: number): (number | null)[] {
  const isThere = presence(bindings, vector, length);
  const bytes = bindings.vector_get_data(vector, length * Float64Array.BYTES_PER_ELEMENT);
  const values = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length }, (_, i) =>
    isThere(i) ? values.getFloat64(i * Float64Array.BYTES_PER_ELEMENT, true) : null,
  );
}

/** Which values of a vector are no nulls. */
export function presence(bindings: Bindings, vector: duckdb.Vector, length: number): (i: number) => boolean {
  const validity: Uint8Array | null = bindings.vector_get_validity(vector, 8 * Math.ceil(length / 64));
  return (i) => validity === null || ((validity[i >> 3] >> (i & 7)) & 1) === 1;
}

/** The texts of a vector; `null` where it has none. */
export function textsOf(bindings: Bindings, vector: duckdb.Vector, length: number): (string | null)[] {
  const isThere = presence(bindings, vector, length);
  const texts = bindings.vector_get_data(vector, length * TEXT_BYTES);
  return Array.from({ length }, (_, i) => (isThere(i) ? textAt(bindings, texts, i) : null));
}

/** A text in a vector: u32 length, then up to 12 bytes of it, or 4 bytes of it and a pointer to all. */
const TEXT_BYTES = 16;
const MOST_INLINE = 12;

function textAt(bindings: Bindings, texts: Uint8Array, i: number): string {
  const entry = Buffer.from(texts.buffer, texts.byteOffset + i * TEXT_BYTES, TEXT_BYTES);
  const length = entry.readUInt32LE(0);
  if (length <= MOST_INLINE) return entry.toString('utf8', 4, 4 + length);
  const pointerAt = texts.byteOffset + i * TEXT_BYTES + 8;
  return Buffer.from(bindings.get_data_from_pointer(arrayBufferOf(texts), pointerAt, length)).toString('utf8');
}

function arrayBufferOf({ buffer }: Uint8Array): ArrayBuffer {
  if (buffer instanceof ArrayBuffer) return buffer;
  throw new TypeError('vectors of DuckDB are not in shared memory');
}

/** Text as a literal of SQL. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an identifier of SQL. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
