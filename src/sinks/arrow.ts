import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Data, DataType, Field, RecordBatch } from 'apache-arrow';
import { interrupted, runError } from '../errors.ts';
import type { Row } from '../sources/source.ts';
import { registerCodecs } from './arrow-codecs.ts';
import { decodedColumns } from './decoded-columns.ts';
import { type KeptColumns, WeightRows, type WeightTable } from './weight-rows.ts';

type Arrow = typeof import('apache-arrow');

const BATCH_ROWS = 1 << 16;

/**
 * Writes a table of weights as an Arrow IPC file (Feather version 2), uncompressed, in record batches of 65,536 rows, or of
 * the rows of the input's where columns of it are kept.
 *
 * @throws runError where writing fails; `interrupted` where the signal says so
 */
export async function writeArrow(table: WeightTable, signal: AbortSignal | undefined): Promise<void> {
  const arrow = await import('apache-arrow');
  const rows = new WeightRows(table);
  const batches = batchesOf(arrow, table, rows);
  try {
    await pipeline(
      Readable.from(batches, { objectMode: true, highWaterMark: 1 }),
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

function batchesOf(
  arrow: Arrow,
  table: WeightTable,
  rows: WeightRows,
): Iterable<RecordBatch> | AsyncIterable<RecordBatch> {
  const { kept } = table;
  if (kept === null) return weightBatches(arrow, table, rows);
  return kept.format === 'arrow' ? keptBatches(arrow, table, rows, kept) : decodedBatches(arrow, table, rows, kept);
}

/** Batches of columns that DuckDB reads, with the weights behind them. */
async function* decodedBatches(
  arrow: Arrow,
  table: WeightTable,
  rows: WeightRows,
  kept: KeptColumns,
): AsyncGenerator<RecordBatch> {
  let row = 0;
  for await (const { fields, data, length } of decodedColumns(arrow, kept, BATCH_ROWS)) {
    const weights = weightData(arrow, table, rows, row, length);
    yield batchOf(arrow, [...fields, ...weightFields(arrow, table)], [...data, ...weights], length);
    row += length;
  }
}

/** Batches of weights alone. A file without rows has one batch, so that it has a schema. */
function* weightBatches(arrow: Arrow, table: WeightTable, rows: WeightRows): Generator<RecordBatch> {
  for (let row = 0; row < table.rows || row === 0; row += BATCH_ROWS) {
    const length = Math.min(BATCH_ROWS, table.rows - row);
    yield batchOf(arrow, weightFields(arrow, table), weightData(arrow, table, rows, row, length), length);
  }
}

/** Batches of the kept columns, with the weights behind them. */
async function* keptBatches(
  arrow: Arrow,
  table: WeightTable,
  rows: WeightRows,
  kept: KeptColumns,
): AsyncGenerator<RecordBatch> {
  const file = await open(kept.path, 'r');
  try {
    await registerCodecs(arrow);
    const reader = await arrow.RecordBatchReader.from(file);
    let row = 0;
    for await (const batch of reader) {
      const length = batch.numRows;
      const columns = kept.columns.map((name) => batch.schema.names.indexOf(name));
      const fields = [...columns.map((column) => batch.schema.fields[column]), ...weightFields(arrow, table)];
      const data = [
        ...columns.map((column) => batch.data.children[column]),
        ...weightData(arrow, table, rows, row, length),
      ];
      yield batchOf(arrow, fields, data, length);
      row += length;
    }
    if (row > 0) return;
    const schema = reader.schema;
    const fields = kept.columns.map((name) => schema.fields[schema.names.indexOf(name)]);
    yield new arrow.RecordBatch(new arrow.Schema([...fields, ...weightFields(arrow, table)]));
  } finally {
    await file.close();
  }
}

function weightFields(arrow: Arrow, { columns, dtype }: WeightTable): Field[] {
  const type = dtype === 'code' ? new arrow.Uint8() : new arrow.Float32();
  return columns.map((name) => new arrow.Field(name, type, false));
}

function weightData(arrow: Arrow, { columns, dtype }: WeightTable, rows: WeightRows, row: Row, length: number): Data[] {
  return columns.map((_, column) => {
    const values = dtype === 'code' ? new Uint8Array(length) : new Float32Array(length);
    rows.read(row, column, values);
    const vector = values instanceof Uint8Array ? arrow.makeVector(values) : arrow.makeVector(values);
    return vector.data[0];
  });
}

function batchOf(arrow: Arrow, fields: Field[], children: Data<DataType>[], length: number): RecordBatch {
  const type = new arrow.Struct(fields);
  return new arrow.RecordBatch(new arrow.Schema(fields), arrow.makeData({ type, length, nullCount: 0, children }));
}
