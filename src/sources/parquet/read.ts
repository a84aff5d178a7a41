import type duckdb from '@duckdb/node-bindings';
import { type Connection, type Database, readingDatabase, streamOf } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import type { RowReader } from '../row-reader.ts';
import type { BlockArray, Row } from '../source.ts';
import { DecodedRows } from './decoded-rows.ts';
import { damaged } from './metadata.ts';
import { type ParquetArray, rowsQuery } from './reading.ts';
import { groupsEnd } from './row-groups.ts';
import { rowVectors, VECTOR_ROWS } from './vectors.ts';
import { wrongList } from './wrong-list.ts';

/** Opens arrays of one Parquet file for reading, on a worker thread: a query decodes rows of all of them. */
export async function openParquetRows(sources: readonly BlockArray[], end: Row): Promise<RowReader[]> {
  const arrays = sources.filter((source): source is ParquetArray => source.reading.kind === 'parquet');
  const [{ name }] = sources;
  if (arrays.length < sources.length) throw new TypeError(`${name} is not Parquet`);
  const database = await readingDatabase(name);
  const table = new ParquetTable(arrays, end, database, await database.bindings.connect(database.database));
  return table.readers();
}

/** Rows are decoded as they are asked for, and a little ahead. */
class ParquetTable {
  private readonly arrays: readonly ParquetArray[];
  private readonly decoded: readonly DecodedRows[];
  private readonly database: Database;
  private readonly connection: Connection;
  private readonly end: Row;
  private readonly columns: number;
  private openReaders: number;
  /** Of a row group too large to be decoded at once. */
  private stream: duckdb.Result | undefined;
  /** Rows [first, next) are decoded. */
  private first: Row = 0;
  private next: Row = -1;

  constructor(arrays: readonly ParquetArray[], end: Row, database: Database, connection: Connection) {
    this.arrays = arrays;
    this.end = end;
    this.database = database;
    this.connection = connection;
    this.openReaders = arrays.length;
    this.columns = arrays.reduce((sum, array) => sum + array.columns, 0);
    let vector = 0;
    this.decoded = arrays.map((array) => {
      const { listLength, columns } = array.reading;
      const vectors = rowVectors(array, { listLength, bindings: database.bindings, firstVector: vector });
      vector += columns.length;
      return new DecodedRows(array, vectors);
    });
  }

  readers(): RowReader[] {
    return this.decoded.map((decoded) => ({
      prepare: (firstRow, rows) => this.prepare(firstRow, rows),
      read: (firstRow, into) => decoded.read(firstRow, into),
      close: () => this.closeOne(),
    }));
  }

  private async prepare(firstRow: Row, rows: number): Promise<void> {
    try {
      await this.fill(firstRow, rows);
    } catch (error) {
      throw await this.explained(error, firstRow);
    }
  }

  private closeOne(): void {
    this.openReaders -= 1;
    if (this.openReaders === 0) this.database.bindings.disconnect_sync(this.connection);
  }

  private async fill(firstRow: Row, rows: number): Promise<void> {
    const end = firstRow + rows;
    if (firstRow > this.next || firstRow < this.first) {
      this.stream = undefined;
      this.next = firstRow;
      this.first = firstRow;
    }
    while (this.next < end) {
      const [{ blocks }] = this.arrays;
      const decodedEnd =
        this.stream === undefined ? groupsEnd({ blocks, columns: this.columns }, this.next, this.end) : null;
      if (decodedEnd === null) await this.streamTo(firstRow, end);
      else await this.decodeTo(firstRow, decodedEnd);
    }
  }

  /** Decodes whole row groups in one query: each chunk of a stream would cost a wait. */
  private async decodeTo(firstRow: Row, end: Row): Promise<void> {
    const { bindings } = this.database;
    this.startAt(firstRow, end - firstRow);
    const result = await bindings.query(this.connection, rowsQuery(this.arrays, this.next, end));
    const chunks = bindings.result_chunk_count(result);
    for (let i = 0; i < chunks; i++) this.append(bindings.result_get_chunk(result, i), end);
    if (this.next !== end) throw this.wrongRows(this.next);
  }

  /** Goes on with the stream of a large row group, chunk by chunk. */
  private async streamTo(firstRow: Row, end: Row): Promise<void> {
    const { bindings } = this.database;
    this.stream ??= await streamOf(bindings, this.connection, rowsQuery(this.arrays, this.next, this.end));
    this.startAt(firstRow, end - firstRow + VECTOR_ROWS);
    while (this.next < end) {
      const chunk = await bindings.fetch_chunk(this.stream);
      if (chunk === null || bindings.data_chunk_get_size(chunk) === 0) throw this.wrongRows(this.next);
      this.append(chunk, this.end);
    }
  }

  private append(chunk: duckdb.DataChunk, end: Row): void {
    const length = this.database.bindings.data_chunk_get_size(chunk);
    if (this.next + length > end) throw this.wrongRows(this.next + length);
    for (const decoded of this.decoded) decoded.append(chunk, length);
    this.next += length;
  }

  private startAt(firstRow: Row, rows: number): void {
    for (const decoded of this.decoded) decoded.startAt(firstRow, rows);
    this.first = firstRow;
  }

  /** DuckDB's error, or the first list of another length where that is what it is about. */
  private async explained(error: unknown, firstRow: Row): Promise<Error> {
    if (error instanceof Error && error.name === 'GhmError') return error;
    for (const array of this.arrays) {
      const wrong = await wrongList(this.database, array, array.reading, firstRow);
      if (wrong) return wrong;
    }
    return damaged(this.arrays[0].name, error);
  }

  private wrongRows(found: Row): Error {
    const [{ name, rows }] = this.arrays;
    return inputError(`${name}: damaged: the footer says ${rows} rows, ${found} were found`);
  }
}
