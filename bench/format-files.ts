import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import * as arrow from 'apache-arrow';
import { safetensors } from '../test/sources/safetensors-files.ts';
import { npz } from '../test/sources/zip-files.ts';
import { NpyArray } from './peers/npy-arrays.ts';

const BATCH_ROWS = 1 << 16;
export const CODECS = ['uncompressed', 'snappy', 'zstd'] as const;
/** Header of the .npy files that `generate` writes. */
const HEADER_BYTES = 128;

/** Writes two .npy files of float32 logits and uint8 labels in the other formats: x.npz, deflated.npz, x.safetensors, x.arrow, CODEC.parquet. */
export async function writeFormats(folder: string, logits: string, labels: string): Promise<void> {
  writeRaw(folder, logits, labels);
  await writeTables(folder, logits, labels);
}

function writeRaw(folder: string, logits: string, labels: string): void {
  const arrays = { logits: readFileSync(logits), labels: readFileSync(labels) };
  writeFileSync(join(folder, 'x.npz'), npz(arrays));
  writeFileSync(join(folder, 'deflated.npz'), npz(arrays, true));
  const [x, y] = [arrays.logits, arrays.labels].map((bytes) => bytes.subarray(HEADER_BYTES));
  const tensors = {
    logits: { dtype: 'F32', shape: [x.length / 4], data: x },
    labels: { dtype: 'U8', shape: [y.length], data: y },
  };
  writeFileSync(join(folder, 'x.safetensors'), safetensors(tensors));
}

async function writeTables(folder: string, logits: string, labels: string): Promise<void> {
  const [x, y] = [NpyArray.open(logits), NpyArray.open(labels)];
  function* batches(): Generator<arrow.RecordBatch> {
    for (let row = 0; row < x.length; row += BATCH_ROWS) {
      const length = Math.min(BATCH_ROWS, x.length - row);
      const columns = { logits: x.read(new Float32Array(length), row), labels: y.read(new Uint8Array(length), row) };
      yield* new arrow.Table({ logits: arrow.makeVector(columns.logits), labels: arrow.makeVector(columns.labels) })
        .batches;
    }
  }
  const writer = arrow.RecordBatchFileWriter.throughNode();
  await pipeline(Readable.from(batches(), { objectMode: true }), writer, createWriteStream(join(folder, 'x.arrow')));

  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE samples (logits FLOAT, labels UTINYINT)');
  const appender = await connection.createAppender('samples');
  for (const batch of batches()) {
    const columns = [0, 1].map((column) => batch.getChildAt(column)?.toArray());
    for (let row = 0; row < batch.numRows; row++) {
      appender.appendFloat(columns[0][row]);
      appender.appendUTinyInt(columns[1][row]);
      appender.endRow();
    }
  }
  appender.closeSync();
  for (const codec of CODECS) {
    await connection.run(
      `COPY samples TO '${join(folder, `${codec}.parquet`)}' (FORMAT parquet, COMPRESSION ${codec})`,
    );
  }
  connection.closeSync();
}
