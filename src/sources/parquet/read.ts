import { readingDatabase } from '../../duckdb/database.ts';
import type { RowReader } from '../row-reader.ts';
import type { BlockArray, Row } from '../source.ts';
import { openAhead, openedAhead } from './file-run.ts';
import { openOneFile } from './one-file.ts';
import { parquetArrays } from './reading.ts';

/**
 * Opens arrays of one Parquet file for reading, on a worker thread: a query decodes rows of all of them.
 *
 * @param following see row-reader.ts
 */
export async function openParquetRows(
  sources: readonly BlockArray[],
  end: Row,
  following: Iterable<readonly BlockArray[]> = [],
): Promise<RowReader[]> {
  const arrays = parquetArrays(sources);
  if (arrays === null) throw new TypeError(`${sources[0].name} is not Parquet`);
  const database = await readingDatabase(arrays[0].name);
  return (
    openedAhead(arrays) ?? (await openAhead(arrays, following, database)) ?? (await openOneFile(arrays, end, database))
  );
}
