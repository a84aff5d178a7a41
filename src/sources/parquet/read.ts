import type duckdb from '@duckdb/node-bindings';
import { type Connection, type Database, readingDatabase, streamOf } from '../../duckdb/database.ts';
import { inputError } from '../../errors.ts';
import type { RowReader } from '../row-reader.ts';
import { type BlockArray, DTYPE_BYTES, type Row } from '../source.ts';
import { damaged } from './metadata.ts';
import { type ParquetArray, rowsQuery } from './reading.ts';
import { groupsEnd } from './row-groups.ts';
import { type RowVectors, rowVectors } from './vectors.ts';
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

/** Rows of the file that one query gives, chunk by chunk. */
interface Decoded {
  readonly result: duckdb.Result;
  /** Whether each chunk is decoded when it is asked for; else all are. */
  readonly isStream: boolean;
  readonly end: Row;
  /** Chunks that were taken. */
  taken: number;
}

/** A chunk with rows [first, end) of the file. */
interface TableChunk {
  readonly chunk: duckdb.DataChunk;
  readonly first: Row;
  readonly end: Row;
}

/**
 * Rows are decoded as they are asked for, and a little ahead. Their chunks are taken and copied to where they are wanted piece by
 * piece: what lies between would be more than caches hold.
 */
class ParquetTable {
  private readonly arrays: readonly ParquetArray[];
  private readonly database: Database;
  private readonly connection: Connection;
  private readonly end: Row;
  private readonly columns: number;
  private openReaders: number;
  private decoded: Decoded | undefined;
  /** Of the rows that were asked for last, from `first` on. */
  private chunks: TableChunk[] = [];
  private first: Row = 0;
  /** The row after those of the chunks. */
  private next: Row = 0;

  constructor(arrays: readonly ParquetArray[], end: Row, database: Database, connection: Connection) {
    this.arrays = arrays;
    this.end = end;
    this.database = database;
    this.connection = connection;
    this.openReaders = arrays.length;
    this.columns = arrays.reduce((sum, array) => sum + array.columns, 0);
  }

  readers(): RowReader[] {
    const { bindings } = this.database;
    let vector = 0;
    return this.arrays.map((array) => {
      const { listLength, columns } = array.reading;
      const vectors = rowVectors(array, { listLength, bindings, firstVector: vector });
      vector += columns.length;
      const rowBytes = array.columns * DTYPE_BYTES[array.dtype];
      return {
        prepare: (firstRow, rows) => this.prepare(firstRow, rows),
        read: (firstRow, into) => this.read(vectors, firstRow, rowBytes, into),
        close: () => this.closeOne(),
      };
    });
  }

  private async prepare(firstRow: Row, rows: number): Promise<void> {
    try {
      await this.fill(firstRow, firstRow + rows);
    } catch (error) {
      throw await this.explained(error, firstRow);
    }
  }

  private read(vectors: RowVectors, firstRow: Row, rowBytes: number, into: Uint8Array): void {
    const endRow = firstRow + into.length / rowBytes;
    for (const { chunk, first, end } of this.chunks) {
      const [from, to] = [Math.max(first, firstRow), Math.min(end, endRow)];
      if (from >= to) continue;
      const rows = { length: end - first, from: from - first, to: to - first };
      vectors.copy(chunk, rows, into, (from - firstRow) * rowBytes);
    }
  }

  private closeOne(): void {
    this.openReaders -= 1;
    if (this.openReaders === 0) this.database.bindings.disconnect_sync(this.connection);
  }

  private async fill(firstRow: Row, endRow: Row): Promise<void> {
    if (firstRow < this.first || firstRow > this.reach()) {
      this.decoded = undefined;
      this.chunks = [];
      this.next = firstRow;
    }
    this.first = firstRow;
    this.chunks = this.chunks.filter(({ end }) => end > firstRow);
    while (this.next < endRow) {
      this.decoded ??= await this.decode();
      if (this.decoded.isStream) this.take(await this.database.bindings.fetch_chunk(this.decoded.result), this.decoded);
      else this.takeUpTo(endRow, this.decoded);
      // garbage at once: old garbage is collected late
      if (this.next === this.decoded.end) this.decoded = undefined;
    }
  }

  /** The last row from which to go on; a later one is found faster by another query. */
  private reach(): Row {
    return this.decoded === undefined || this.decoded.isStream ? this.next : this.decoded.end;
  }

  /** Decodes whole row groups in one query, as each chunk of a stream would cost a wait; or starts the stream of a large one. */
  private async decode(): Promise<Decoded> {
    const { bindings } = this.database;
    const [{ blocks }] = this.arrays;
    const end = groupsEnd({ blocks, columns: this.columns }, this.next, this.end);
    if (end === null) {
      const result = await streamOf(bindings, this.connection, rowsQuery(this.arrays, this.next, this.end));
      return { result, isStream: true, end: this.end, taken: 0 };
    }
    const result = await bindings.query(this.connection, rowsQuery(this.arrays, this.next, end));
    const found = this.next + bindings.row_count(result);
    if (found !== end) throw this.wrongRows(found);
    return { result, isStream: false, end, taken: 0 };
  }

  /** Takes chunks that are decoded already. */
  private takeUpTo(endRow: Row, decoded: Decoded): void {
    const { bindings } = this.database;
    while (this.next < Math.min(endRow, decoded.end)) {
      this.take(bindings.result_get_chunk(decoded.result, decoded.taken++), decoded);
    }
  }

  private take(chunk: duckdb.DataChunk | null, { end: last }: Decoded): void {
    const length = chunk === null ? 0 : this.database.bindings.data_chunk_get_size(chunk);
    const first = this.next;
    const end = first + length;
    if (chunk === null || length === 0 || end > last) throw this.wrongRows(end);
    if (end > this.first) this.chunks.push({ chunk, first, end });
    this.next = end;
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
