import { rm } from 'node:fs/promises';
import { type Checksum, checksumOfFile } from '../checksummed-file.ts';
import { interrupted } from '../errors.ts';
import type { CompleteRunOptions } from '../options/complete-options.ts';
import type { OutputFormat } from '../options/options.ts';
import type { RawFormat } from '../sinks/raw-frame.ts';
import type { WeightTable } from '../sinks/weight-rows.ts';

export type TableFormat = Exclude<OutputFormat, RawFormat>;

export type TableOptions = Pick<CompleteRunOptions, 'threads' | 'signal'>;

/** Writes tables in their format, from their rows, which are removed. Returns length and CRC-32 of each file, in order. */
export async function writeTables(
  tables: readonly WeightTable[],
  format: TableFormat,
  { threads, signal }: TableOptions,
): Promise<Checksum[]> {
  if (format === 'parquet') {
    const { writeParquet } = await import('../sinks/parquet.ts');
    await writeParquet(tables, threads, signal);
  } else {
    const { writeArrow } = await import('../sinks/arrow.ts');
    for (const table of tables) await writeArrow(table, signal);
  }
  const files: Checksum[] = [];
  for (const { path, rowsPath } of tables) {
    files.push(
      await checksumOfFile(path, () => {
        if (signal?.aborted) throw interrupted();
      }),
    );
    await rm(rowsPath);
  }
  return files;
}
