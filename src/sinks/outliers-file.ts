import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Breathe } from '../breath.ts';
import { openDatabase, sqlName, sqlText, withConnection } from '../duckdb/database.ts';
import { GhmError, runError } from '../errors.ts';
import type { OutliersFormat } from '../options/options.ts';
import { csvLines, jsonLines, textOf } from '../outliers/formats.ts';
import type { OutlierTable } from '../outliers/table.ts';
import { checkAbsent } from './free-places.ts';
import { withStaging } from './staging.ts';

interface OutliersFileOptions {
  readonly format: OutliersFormat;
  readonly force: boolean;
  readonly breathe: Breathe;
}

/**
 * Writes a table so that its file is whole or not there. Returns its bytes.
 *
 * @throws usageError where it exists and `force` is not set; runError where writing fails
 */
export async function writeOutliers(
  path: string,
  table: OutlierTable,
  { format, force, breathe }: OutliersFileOptions,
): Promise<number> {
  await checkAbsent(path, force);
  await withStaging(dirname(path), async (staging) => {
    if (format === 'parquet') {
      await writeParquet(staging.scratch('rows.csv'), await staging.place(basename(path)), table, breathe);
    } else {
      await staging.write(
        basename(path),
        await joined(textOf(table, format === 'csv' ? csvLines : jsonLines), breathe),
      );
    }
    await staging.finish();
  });
  return statSync(join(dirname(path), basename(path))).size;
}

/** Text, piece by piece, as one. */
async function joined(text: Iterable<string>, breathe: Breathe): Promise<string> {
  const pieces: string[] = [];
  for (const piece of text) {
    pieces.push(piece);
    await breathe();
  }
  return pieces.join('');
}

/** Columns that are no integers, though their values may be. */
const DOUBLES = new Set([
  'logit',
  'p',
  'g',
  'beta',
  'prediction',
  'target',
  'distance',
  'loss',
  'mean',
  'share',
  'hardest',
]);

/** Through a scratch file, which DuckDB reads with the types that it is told. */
async function writeParquet(
  scratch: string,
  path: string,
  { columns, rows }: OutlierTable,
  breathe: Breathe,
): Promise<void> {
  const typeOf = (name: string): string => {
    if (rows.some((row) => typeof row[name] === 'string') || name === 'file') return 'VARCHAR';
    return !DOUBLES.has(name) && rows.every((row) => Number.isSafeInteger(row[name])) ? 'BIGINT' : 'DOUBLE';
  };
  const quoted = (table: OutlierTable): string[] =>
    table.rows.map((row) => columns.map((name) => `"${String(row[name]).replaceAll('"', '""')}"`).join(','));
  const types = columns.map((name) => `${sqlText(name)}: ${sqlText(typeOf(name))}`);
  const reading = `header = false, delim = ',', quote = '"', escape = '"', columns = {${types.join(', ')}}`;
  const names = columns.map(sqlName).join(', ');
  const database = await openDatabase('--format parquet');
  try {
    await writeFile(scratch, await joined(textOf({ columns, rows }, quoted), breathe));
    await withConnection(
      database,
      (connection) =>
        database.bindings.query(
          connection,
          `COPY (SELECT ${names} FROM read_csv(${sqlText(scratch)}, ${reading})) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`,
        ),
      breathe.signal,
    );
  } catch (error) {
    if (error instanceof GhmError) throw error;
    throw runError(`writing the output failed (${error instanceof Error ? error.message : String(error)})`, error);
  } finally {
    database.bindings.close_sync(database.database);
  }
}
