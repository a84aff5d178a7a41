import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { runError } from '../errors.ts';

/** DuckDB, in memory, as it reads and writes Parquet and text for us. */
export interface Database {
  readonly instance: DuckDBInstance;
  /** The package, which is loaded only where a file asks for it. */
  readonly duckdb: typeof import('@duckdb/node-api');
}

/** More than any honest row group needs, and little enough that a dishonest one does no harm. */
const MEMORY_LIMIT = '2GiB';

/**
 * Opens a database that works on the calling thread alone, keeps rows in their order, and never reaches for the network
 * or a temporary file.
 *
 * @param purpose what needs it, for the message: `reading a.parquet`
 * @throws runError where the package is not installed
 */
export async function openDatabase(purpose: string): Promise<Database> {
  let duckdb: Database['duckdb'];
  try {
    duckdb = await import('@duckdb/node-api');
  } catch (error) {
    throw runError(
      `${purpose} needs the package @duckdb/node-api, which is not installed or does not run here ` +
        '(npm install without --omit=optional installs it)',
      error,
    );
  }
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: MEMORY_LIMIT,
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  return { instance, duckdb };
}

/** Runs `use` with a connection, and closes it afterwards. */
export async function withConnection<T>(
  { instance }: Database,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
  }
}

/** Text as a literal of SQL. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an identifier of SQL. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
