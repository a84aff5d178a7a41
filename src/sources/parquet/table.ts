import type duckdb from '@duckdb/node-bindings';
import { type Bindings, type Connection, type Database, streamOf } from '../../duckdb/database.ts';
import { GhmError, inputError } from '../../errors.ts';
import type { Row } from '../source.ts';
import { groupsEnd } from './row-groups.ts';
import type { RowVectors } from './vectors.ts';

/** Rows that queries give, of one file or of several. */
export interface TableRows {
  /** For messages. */
  readonly name: string;
  readonly rows: Row;
  /** First rows of the row groups. */
  readonly blocks: readonly Row[] | null;
  /** Elements of a row. */
  readonly columns: number;
  /** The query for rows [firstRow, end). */
  query(firstRow: Row, end: Row): string;
  /** All rows of such a query. */
  decode(bindings: Bindings, connection: Connection, sql: string): Promise<duckdb.Result>;
  /** What an error of DuckDB at rows from `firstRow` on means. */
  explain(error: unknown, firstRow: Row): Promise<Error>;
}

/** Rows that one query gives, chunk by chunk. */
interface Decoded {
  readonly result: duckdb.Result;
  /** Whether each chunk is decoded when it is asked for; else all are. */
  readonly isStream: boolean;
  readonly end: Row;
  /** Chunks that were taken. */
  taken: number;
}

/** A chunk with rows [first, end). */
interface TableChunk {
  readonly chunk: duckdb.DataChunk;
  readonly first: Row;
  readonly end: Row;
}

/**
 * Rows are decoded as they are asked for, and a little ahead. Their chunks are taken and copied to where they are wanted piece by
 * piece: what lies between would be more than caches hold.
 */
export class ParquetTable {
  private readonly source: TableRows;
  private readonly database: Database;
  private readonly connection: Connection;
  private readonly end: Row;
  private decoded: Decoded | undefined;
  /** Of the rows that were asked for last, from `first` on. */
  private chunks: TableChunk[] = [];
  private first: Row = 0;
  /** The row after those of the chunks. */
  private next: Row = 0;

  private constructor(source: TableRows, end: Row, database: Database, connection: Connection) {
    this.source = source;
    this.end = end;
    this.database = database;
    this.connection = connection;
  }

  /** @param end the row up to which rows will be asked for */
  static async open(source: TableRows, end: Row, database: Database): Promise<ParquetTable> {
    return new ParquetTable(source, end, database, await database.bindings.connect(database.database));
  }

  /** Decodes rows before they are read. */
  async prepare(firstRow: Row, rows: number): Promise<void> {
    try {
      await this.fill(firstRow, firstRow + rows);
    } catch (error) {
      throw error instanceof GhmError ? error : await this.source.explain(error, firstRow);
    }
  }

  /** Fills `into` with the rows from `firstRow` of the array whose vectors these are. */
  read(vectors: RowVectors, firstRow: Row, rowBytes: number, into: Uint8Array): void {
    const endRow = firstRow + into.length / rowBytes;
    for (const { chunk, first, end } of this.chunks) {
      const [from, to] = [Math.max(first, firstRow), Math.min(end, endRow)];
      if (from >= to) continue;
      const rows = { length: end - first, from: from - first, to: to - first };
      vectors.copy(chunk, rows, into, (from - firstRow) * rowBytes);
    }
  }

  close(): void {
    this.database.bindings.disconnect_sync(this.connection);
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
    const end = groupsEnd(this.source, this.next, this.end);
    if (end === null) {
      const result = await streamOf(bindings, this.connection, this.source.query(this.next, this.end));
      return { result, isStream: true, end: this.end, taken: 0 };
    }
    const result = await this.source.decode(bindings, this.connection, this.source.query(this.next, end));
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

  private wrongRows(found: Row): Error {
    const { name, rows } = this.source;
    return inputError(`${name}: damaged: the footer says ${rows} rows, ${found} were found`);
  }
}
