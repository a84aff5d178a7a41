import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { DataType, RecordBatch, Schema, Vector } from 'apache-arrow';
import type { Bindings } from '../duckdb/database.ts';
import { runError, usageError } from '../errors.ts';
import type { Row } from '../sources/source.ts';
import { registerCodecs } from './arrow-codecs.ts';
import type { RowsCall, SqlType } from './row-functions.ts';
import type { KeptColumns } from './weight-rows.ts';

type Arrow = typeof import('apache-arrow');

/** The types of SQL that columns of Arrow become. */
export const KEPT_TYPES = [
  ...(['BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'] as const),
  ...(['FLOAT', 'DOUBLE', 'VARCHAR', 'DATE', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS'] as const),
  'TIMESTAMP_TZ',
] as const satisfies readonly SqlType[];
export type KeptType = (typeof KEPT_TYPES)[number];

/** An Arrow file begins with this many bytes, behind which lies a stream. */
const MAGIC_BYTES = 8;
const READ_BYTES = 1 << 20;

/** Columns of an Arrow file in SQL, read in ascending order of rows; a record batch of the file is in memory. */
export class ArrowColumns {
  readonly types: readonly KeptType[];
  private readonly kept: KeptColumns;
  private readonly fd: number;
  private readonly left: Iterator<RecordBatch>;
  /** Batches that follow each other; rows before them are gone. */
  private batches: readonly Batch[] = [];
  private end: Row = 0;

  /** @throws usageError for a column of a type that Parquet is not given */
  static async open(kept: KeptColumns): Promise<ArrowColumns> {
    const arrow = await import('apache-arrow');
    await registerCodecs(arrow);
    const file = await open(kept.path, 'r');
    try {
      const reader = await arrow.RecordBatchReader.from(file);
      const { schema } = await reader.open();
      return new ArrowColumns(arrow, kept, schema);
    } finally {
      await file.close();
    }
  }

  private constructor(arrow: Arrow, kept: KeptColumns, schema: Schema) {
    const { fields, names } = schema;
    this.types = kept.columns.map((name) => {
      const { type } = fields[names.indexOf(name)];
      const sqlType = sqlTypeOf(arrow, type);
      if (sqlType !== undefined) return sqlType;
      throw usageError(
        `--keep ${name}: is of type ${String(type).slice(0, 60)}, which --format parquet does not carry; --format arrow does`,
      );
    });
    this.kept = kept;
    // not every writer puts the schema before the batches too, as a stream has it
    const start = new arrow.RecordBatchStreamWriter().reset(undefined, schema).toUint8Array(true);
    this.fd = openSync(kept.path, 'r');
    this.left = arrow.RecordBatchReader.from(piecesOf(start, this.fd))[Symbol.iterator]();
  }

  /** Fills a vector of DuckDB. @throws runError where the file has no such rows */
  fill(bindings: Bindings, { row, column, length, out }: RowsCall): void {
    this.batches = this.batches.filter(({ end }) => end > row);
    while (this.end < row + length) this.readBatch(row + length);
    const validity = new Uint8Array(8 * Math.ceil(length / 64)).fill(0xff);
    for (const { first, end, columns } of this.batches) {
      const from = Math.max(row, first);
      const values = columns[column].slice(from - first, Math.min(row + length, end) - first);
      if (values.length === 0) continue;
      const at = from - row;
      if (values.nullCount > 0) {
        for (let i = 0; i < values.length; i++) {
          if (!values.isValid(i)) validity[(at + i) >> 3] &= ~(1 << ((at + i) & 7));
        }
      }
      copyValues(bindings, values, this.types[column], { at, out });
    }
    bindings.vector_ensure_validity_writable(out);
    bindings.copy_data_to_vector_validity(out, 0, validity.buffer, 0, validity.length);
  }

  close(): void {
    closeSync(this.fd);
  }

  private readBatch(needed: Row): void {
    const { done, value } = this.left.next();
    if (done) throw runError(`${this.kept.path}: ends before row ${needed - 1}; something cut it off`);
    const columns = this.kept.columns.map((name) => value.getChild(name));
    const first = this.end;
    this.end += value.numRows;
    this.batches = [...this.batches, { first, end: this.end, columns: columns.filter((column) => column !== null) }];
  }
}

interface Batch {
  readonly first: Row;
  readonly end: Row;
  readonly columns: readonly Vector[];
}

/** Copies values to a vector of DuckDB, from its element `at`. What is null there is left as it is. */
function copyValues(
  bindings: Bindings,
  values: Vector,
  type: KeptType,
  { at, out }: { readonly at: number; readonly out: RowsCall['out'] },
): void {
  if (type === 'VARCHAR') {
    for (const [i, text] of [...values].entries()) {
      if (text !== null) bindings.vector_assign_string_element_len(out, at + i, Buffer.from(String(text)));
    }
    return;
  }
  const numbers = numbersOf(values, type);
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice();
  bindings.copy_data_to_vector(out, at * numbers.BYTES_PER_ELEMENT, bytes.buffer, 0, bytes.length);
}

/** Values as DuckDB has them: those of Arrow, but for booleans, which are bits there, and halves. */
function numbersOf(values: Vector, type: KeptType): NumberArray {
  if (type === 'BOOLEAN') return Uint8Array.from(values, Number);
  if (type === 'FLOAT') return Float32Array.from(values);
  // of one batch, so in one piece
  return values.data[0].values.subarray(0, values.length);
}

type NumberArray = ArrayBufferView & { readonly BYTES_PER_ELEMENT: number };

/** The stream in an Arrow file, behind `start`. */
function* piecesOf(start: Uint8Array, fd: number): Generator<Uint8Array> {
  yield start;
  for (let at = MAGIC_BYTES; ; ) {
    const piece = new Uint8Array(READ_BYTES);
    const read = readSync(fd, piece, 0, piece.length, at);
    if (read === 0) return;
    yield piece.subarray(0, read);
    at += read;
  }
}

/** The type of SQL that holds values of an Arrow type as they are; `undefined` where there is none. */
function sqlTypeOf({ DataType, DateUnit, Precision, TimeUnit }: Arrow, type: DataType): KeptType | undefined {
  if (DataType.isBool(type)) return 'BOOLEAN';
  if (DataType.isInt(type)) {
    const signed = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' } as const;
    return type.isSigned ? signed[type.bitWidth] : `U${signed[type.bitWidth]}`;
  }
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT';
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return 'VARCHAR';
  if (DataType.isDictionary(type)) return DataType.isUtf8(type.dictionary) ? 'VARCHAR' : undefined;
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? 'DATE' : undefined;
  if (!DataType.isTimestamp(type)) return undefined;
  const isMicroseconds = type.unit === TimeUnit.MICROSECOND;
  if (type.timezone) return isMicroseconds ? 'TIMESTAMP_TZ' : undefined;
  if (isMicroseconds) return 'TIMESTAMP';
  const units = {
    [TimeUnit.SECOND]: 'TIMESTAMP_S',
    [TimeUnit.MILLISECOND]: 'TIMESTAMP_MS',
    [TimeUnit.NANOSECOND]: 'TIMESTAMP_NS',
  } as const;
  return units[type.unit];
}
