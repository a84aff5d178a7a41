import type duckdb from '@duckdb/node-bindings';
import { type Connection, type Database, readingDatabase, streamOf } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import type { RowReader } from '../row-reader.ts';
import { type BlockArray, DTYPE_BYTES, type Row } from '../source.ts';
import { damaged } from './metadata.ts';
import { type ParquetReading, rowsQuery } from './reading.ts';
import { groupsEnd } from './row-groups.ts';
import { type RowVectors, rowVectors, VECTOR_ROWS } from './vectors.ts';
import { wrongList } from './wrong-list.ts';

/** Opens an array of a Parquet file for reading, on a worker thread. */
export async function openParquetRows(source: BlockArray, end: Row): Promise<RowReader> {
  const database = await readingDatabase(source.name);
  const { reading } = source;
  if (reading.kind !== 'parquet') throw new TypeError(`${source.name} is not Parquet`);
  const connection = await database.bindings.connect(database.database);
  return new ParquetRows(source, end, reading, database, connection);
}

/** Rows are decoded as they are asked for, and a little ahead. */
class ParquetRows implements RowReader {
  private readonly source: BlockArray;
  private readonly reading: ParquetReading;
  private readonly database: Database;
  private readonly connection: Connection;
  private readonly vectors: RowVectors;
  private readonly end: Row;
  /** Of a row group too large to be decoded at once. */
  private stream: duckdb.Result | undefined;
  /** The first row that has not been decoded yet. */
  private next: Row = -1;
  /** Rows [bufferRow, next). */
  private buffer = new Uint8Array(0);
  private bufferRow: Row = 0;

  constructor(source: BlockArray, end: Row, reading: ParquetReading, database: Database, connection: Connection) {
    this.source = source;
    this.end = end;
    this.reading = reading;
    this.database = database;
    this.connection = connection;
    this.vectors = rowVectors(source, reading.listLength, database.bindings);
  }

  prepare = async (firstRow: Row, rows: number): Promise<void> => {
    try {
      await this.fill(firstRow, rows);
    } catch (error) {
      throw await this.explained(error, firstRow);
    }
  };

  read(firstRow: Row, into: Uint8Array): void {
    const at = (firstRow - this.bufferRow) * this.rowBytes;
    into.set(this.buffer.subarray(at, at + into.length));
  }

  close(): void {
    this.database.bindings.disconnect_sync(this.connection);
  }

  private get rowBytes(): number {
    return this.source.columns * DTYPE_BYTES[this.source.dtype];
  }

  private async fill(firstRow: Row, rows: number): Promise<void> {
    const end = firstRow + rows;
    if (firstRow > this.next || firstRow < this.bufferRow) {
      this.stream = undefined;
      this.next = firstRow;
      this.bufferRow = firstRow;
    }
    while (this.next < end) {
      const decodedEnd = this.stream === undefined ? groupsEnd(this.source, this.next, this.end) : null;
      if (decodedEnd === null) await this.streamTo(firstRow, end);
      else await this.decodeTo(firstRow, decodedEnd);
    }
  }

  /** Decodes whole row groups in one query: each chunk of a stream would cost a wait. */
  private async decodeTo(firstRow: Row, end: Row): Promise<void> {
    const { bindings } = this.database;
    this.makeRoom(firstRow, end - firstRow);
    const result = await bindings.query(this.connection, rowsQuery(this.source, this.reading, this.next, end));
    const chunks = bindings.result_chunk_count(result);
    for (let i = 0; i < chunks; i++) this.append(bindings.result_get_chunk(result, i), end);
    if (this.next !== end) throw wrongRows(this.source, this.next);
  }

  /** Goes on with the stream of a large row group, chunk by chunk. */
  private async streamTo(firstRow: Row, end: Row): Promise<void> {
    const { bindings } = this.database;
    this.stream ??= await streamOf(
      bindings,
      this.connection,
      rowsQuery(this.source, this.reading, this.next, this.end),
    );
    this.makeRoom(firstRow, end - firstRow + VECTOR_ROWS);
    while (this.next < end) {
      const chunk = await bindings.fetch_chunk(this.stream);
      if (chunk === null || bindings.data_chunk_get_size(chunk) === 0) throw wrongRows(this.source, this.next);
      this.append(chunk, this.end);
    }
  }

  private append(chunk: duckdb.DataChunk, end: Row): void {
    const length = this.database.bindings.data_chunk_get_size(chunk);
    if (this.next + length > end) throw wrongRows(this.source, this.next + length);
    this.vectors.copy(chunk, length, this.buffer, (this.next - this.bufferRow) * this.rowBytes);
    this.next += length;
  }

  /** Drops the rows before `firstRow`, and makes room for `rows` from there. */
  private makeRoom(firstRow: Row, rows: number): void {
    const kept = this.buffer.subarray(
      (firstRow - this.bufferRow) * this.rowBytes,
      (this.next - this.bufferRow) * this.rowBytes,
    );
    if (this.buffer.length < rows * this.rowBytes) {
      const larger = new Uint8Array(rows * this.rowBytes);
      larger.set(kept);
      this.buffer = larger;
    } else {
      this.buffer.set(kept);
    }
    this.bufferRow = firstRow;
  }

  /** DuckDB's error, or the first list of another length where that is what it is about. */
  private async explained(error: unknown, firstRow: Row): Promise<Error> {
    if (error instanceof Error && error.name === 'GhmError') return error;
    return (await wrongList(this.database, this.source, this.reading, firstRow)) ?? damaged(this.source.name, error);
  }
}

const wrongRows = ({ name, rows }: BlockArray, found: Row): Error =>
  inputError(`${name}: damaged: the footer says ${rows} rows, ${found} were found`);
