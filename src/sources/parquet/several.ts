import type { Database } from '../../duckdb/database.ts';
import { GhmError } from '../../errors.ts';
import type { InputFile } from '../discover.ts';
import {
  allTables,
  CHUNK_FIELDS,
  describeQuery,
  type FlatRow,
  metadataOf,
  type ParquetMetadata,
  tableRows,
} from './metadata.ts';
import { parquetPath } from './reading.ts';

/** What says how DuckDB calls the columns and their types; the name, which may hold anything, is the last. */
const SCHEMA_FIELDS = [
  'type',
  'type_length',
  'repetition_type',
  'num_children',
  'converted_type',
  'scale',
  'precision',
  'field_id',
  'logical_type',
  'duckdb_type',
  'name',
];

/**
 * Footers of several files, of small ones by far the most of the time that they take: DuckDB is asked about all at once, and of
 * those that are of one schema about the columns of one. `null` where not all of them can be read, or contradict themselves.
 */
export async function metadataOfSeveral(
  database: Database,
  files: readonly InputFile[],
): Promise<ParquetMetadata[] | null> {
  const [{ name }] = files;
  const paths = `[${[...new Set(files.map(({ path }) => parquetPath(path)))].join(', ')}]`;
  const schema = SCHEMA_FIELDS.map((field) => `coalesce(${field}::VARCHAR, '')`).join(" || '|' || ");
  try {
    const [heads, fields, chunks] = await allTables(database, name, [
      `SELECT file_name, num_rows::DOUBLE AS rows FROM parquet_file_metadata(${paths})`,
      `SELECT file_name, ${schema} AS field FROM parquet_schema(${paths})`,
      `SELECT file_name, ${CHUNK_FIELDS} FROM parquet_metadata(${paths})`,
    ]);
    const [headsOf, fieldsOf, chunksOf] = [heads, fields, chunks].map(byFile);
    const describedOf = new Map<string, FlatRow[]>();
    const found: ParquetMetadata[] = [];
    for (const file of files) {
      const { path } = file;
      const own = (fieldsOf.get(path) ?? []).map(({ field }) => field).join('\n');
      const described = describedOf.get(own) ?? (await tableRows(database, file.name, describeQuery(path)));
      describedOf.set(own, described);
      const answers = { file: headsOf.get(path)?.[0], described, chunks: chunksOf.get(path) ?? [] };
      found.push(metadataOf(answers, file.name));
    }
    return found;
  } catch (error) {
    if (error instanceof GhmError) return null;
    throw error;
  }
}

function byFile(rows: readonly FlatRow[]): Map<string, FlatRow[]> {
  const files = new Map<string, FlatRow[]>();
  for (const row of rows) {
    const name = String(row.file_name);
    const own = files.get(name);
    if (own === undefined) files.set(name, [row]);
    else own.push(row);
  }
  return files;
}
