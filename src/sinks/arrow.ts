import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RecordBatch } from 'apache-arrow';
import { interrupted, runError } from '../errors.ts';
import { WeightRows, type WeightTable } from './weight-rows.ts';

const BATCH_ROWS = 1 << 16;

/**
 * Writes a table of weights as an Arrow IPC file (Feather version 2), uncompressed, in record batches of 65,536 rows.
 *
 * @throws runError where writing fails; `interrupted` where the signal says so
 */
export async function writeArrow(table: WeightTable, signal: AbortSignal | undefined): Promise<void> {
  const arrow = await import('apache-arrow');
  const rows = new WeightRows(table);
  const isCode = table.dtype === 'code';
  const type = isCode ? new arrow.Uint8() : new arrow.Float32();
  const schema = new arrow.Schema(table.columns.map((name) => new arrow.Field(name, type, false)));
  const struct = new arrow.Struct(schema.fields);

  function* batches(): Generator<RecordBatch> {
    // a file without rows has one batch, so that it has a schema
    for (let row = 0; row < table.rows || row === 0; row += BATCH_ROWS) {
      const length = Math.min(BATCH_ROWS, table.rows - row);
      const children = table.columns.map((_, column) => {
        const values = isCode ? new Uint8Array(length) : new Float32Array(length);
        rows.read(row, column, values);
        const vector = values instanceof Uint8Array ? arrow.makeVector(values) : arrow.makeVector(values);
        return vector.data[0];
      });
      yield new arrow.RecordBatch(schema, arrow.makeData({ type: struct, length, nullCount: 0, children }));
    }
  }
  try {
    await pipeline(
      Readable.from(batches(), { objectMode: true, highWaterMark: 1 }),
      arrow.RecordBatchFileWriter.throughNode(),
      createWriteStream(table.path),
      { signal },
    );
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    throw runError(`writing the output failed (${error instanceof Error ? error.message : String(error)})`, error);
  } finally {
    rows.close();
  }
}
