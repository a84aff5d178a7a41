import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { folderOf } from './npy-files.ts';

/** One column: its SQL type, and its values row by row; `null` is null, a list is a list. */
export interface Column {
  readonly type: string;
  readonly values: readonly (number | string | boolean | null | readonly (number | null)[])[];
}

export interface ParquetForm {
  readonly compression?: 'uncompressed' | 'snappy' | 'zstd' | 'gzip' | 'lz4' | 'brotli';
  /** At least 2,048. */
  readonly rowGroupRows?: number;
  readonly version?: 'V1' | 'V2';
}

const AS_TEXT = ['VARCHAR', 'BOOLEAN', 'DATE', 'TIMESTAMP'];

const readAs = (type: string): string =>
  AS_TEXT.includes(type) ? 'VARCHAR' : type.endsWith('[]') ? 'DOUBLE[]' : 'DOUBLE';

/** A Parquet file of these columns, written by DuckDB. */
export async function parquetOf(columns: Readonly<Record<string, Column>>, form: ParquetForm = {}): Promise<Buffer> {
  const { compression = 'zstd', rowGroupRows = 122_880, version = 'V1' } = form;
  const folder = folderOf();
  const [path, lines] = [join(folder, 'made.parquet'), join(folder, 'made.jsonl')];
  const names = Object.keys(columns);
  const rows = Object.values(columns)[0].values.length;
  const line = (row: number) =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, columns[name].values[row]])));
  writeFileSync(lines, Array.from({ length: rows }, (_, row) => `${line(row)}\n`).join(''));
  const types = names.map((name) => `"${name}": '${readAs(columns[name].type)}'`);
  const casts = names.map((name) => `CAST("${name}" AS ${columns[name].type}) AS "${name}"`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT ${casts.join(', ')} FROM read_json('${lines}', format = 'nd', columns = {${types.join(', ')}})) ` +
      `TO '${path}' (FORMAT parquet, COMPRESSION ${compression}, ROW_GROUP_SIZE ${rowGroupRows}, PARQUET_VERSION ${version})`,
  );
  connection.closeSync();
  instance.closeSync();
  return readFileSync(path);
}
