import type duckdb from '@duckdb/node-bindings';
import { type Connection, type Database, readingDatabase, streamOf } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import type { RowReader } from '../row-reader.ts';
import { type BlockArray, DTYPE_BYTES, type Row } from '../source.ts';
import { damaged } from './metadata.ts';
import { type ParquetReading, rowsQuery } from './reading.ts';
import { type RowVectors, rowVectors, VECTOR_ROWS } from './vectors.ts';
import { wrongList } from './wrong-list.ts';

/** Opens an array of a Parquet file for reading, on a worker thread. */
export async function openParquetRows(source: BlockArray): Promise<RowReader> {
  const database = await readingDatabase(source.name);
  const { reading } = source;
  if (reading.kind !== 'parquet') throw new TypeError(`${source.name} is not Parquet`);
  const connection = await database.bindings.connect(database.database);
  return new ParquetRows(source, reading, database, connection);
}

/** Rows from a query that goes on where it was left: row groups are decoded as rows are asked for. */
class ParquetRows implements RowReader {
  private readonly source: BlockArray;
  private readonly reading: ParquetReading;
  private readonly database: Database;
  private readonly connection: Connection;
  private readonly vectors: RowVectors;
  private result: duckdb.Result | undefined;
  /** The first row that the query has not delivered yet. */
  private next: Row = -1;
  /** Rows [bufferRow, next). */
  private buffer = new Uint8Array(0);
  private bufferRow: Row = 0;

  constructor(source: BlockArray, reading: ParquetReading, database: Database, connection: Connection) {
    this.source = source;
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
    if (this.result === undefined || firstRow > this.next || firstRow < this.bufferRow) {
      this.result = await streamOf(
        this.database.bindings,
        this.connection,
        rowsQuery(this.source, this.reading, firstRow),
      );
      this.next = firstRow;
      this.bufferRow = firstRow;
    }
    this.keepFrom(firstRow, rows);
    while (this.next < end) {
      const chunk = await this.database.bindings.fetch_chunk(this.result);
      const length = chunk === null ? 0 : this.database.bindings.data_chunk_get_size(chunk);
      if (chunk === null || length === 0) throw tooFew(this.source, this.next);
      this.vectors.copy(chunk, length, this.buffer, (this.next - this.bufferRow) * this.rowBytes);
      this.next += length;
    }
  }

  /** Drops the rows before `firstRow`, and makes room for `rows` and one chunk more. */
  private keepFrom(firstRow: Row, rows: number): void {
    const kept = this.buffer.subarray(
      (firstRow - this.bufferRow) * this.rowBytes,
      (this.next - this.bufferRow) * this.rowBytes,
    );
    const needed = (rows + VECTOR_ROWS) * this.rowBytes;
    if (this.buffer.length < needed) {
      const larger = new Uint8Array(needed);
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

const tooFew = ({ name, rows }: BlockArray, found: Row): Error =>
  inputError(`${name}: damaged: the footer says ${rows} rows, ${found} were found`);
