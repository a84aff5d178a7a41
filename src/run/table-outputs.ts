import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { CompleteRunOptions } from '../options/complete-options.ts';
import type { OutputFormat } from '../options/options.ts';
import { hex32 } from '../sinks/crc32.ts';
import type { RawFormat } from '../sinks/raw-frame.ts';
import type { WeightTable } from '../sinks/weight-rows.ts';
import type { ChecksummedFile } from './summary.ts';

export type TableFormat = Exclude<OutputFormat, RawFormat>;

export type TableOptions = Pick<CompleteRunOptions, 'threads' | 'signal'>;

/** Writes tables in their format, from their rows, which are removed. Returns length and CRC-32 of each file, in order. */
export async function writeTables(
  tables: readonly WeightTable[],
  format: TableFormat,
  { threads, signal }: TableOptions,
): Promise<Omit<ChecksummedFile, 'path'>[]> {
  if (format === 'parquet') {
    const { writeParquet } = await import('../sinks/parquet.ts');
    await writeParquet(tables, threads, signal);
  } else {
    const { writeArrow } = await import('../sinks/arrow.ts');
    for (const table of tables) await writeArrow(table, signal);
  }
  const files: Omit<ChecksummedFile, 'path'>[] = [];
  for (const { path, rowsPath } of tables) {
    files.push(await checksummed(path));
    await rm(rowsPath);
  }
  return files;
}

async function checksummed(path: string): Promise<Omit<ChecksummedFile, 'path'>> {
  let bytes = 0;
  let crc = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    crc = crc32(chunk, crc);
    bytes += chunk.length;
  }
  return { bytes, crc32: hex32(crc) };
}
