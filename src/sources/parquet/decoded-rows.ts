import type duckdb from '@duckdb/node-bindings';
import { type BlockArray, DTYPE_BYTES, type Row } from '../source.ts';
import type { RowVectors } from './vectors.ts';

/** Rows [first, next) of one array, decoded. */
export class DecodedRows {
  private readonly rowBytes: number;
  private readonly vectors: RowVectors;
  private bytes = new Uint8Array(0);
  private first: Row = 0;
  private next: Row = 0;

  constructor(source: BlockArray, vectors: RowVectors) {
    this.rowBytes = source.columns * DTYPE_BYTES[source.dtype];
    this.vectors = vectors;
  }

  /** Drops the rows before `first`, or all where that one is not here, and makes room for `rows` from there. */
  startAt(first: Row, rows: number): void {
    const here = first >= this.first && first <= this.next;
    const kept = here ? this.bytes.subarray(this.offsetOf(first), this.offsetOf(this.next)) : new Uint8Array(0);
    if (this.bytes.length < rows * this.rowBytes) this.bytes = grown(kept, rows * this.rowBytes);
    else this.bytes.set(kept);
    this.first = first;
    this.next = first + kept.length / this.rowBytes;
  }

  /** Adds the `length` rows of a chunk, for which there is room. */
  append(chunk: duckdb.DataChunk, length: number): void {
    this.vectors.copy(chunk, length, this.bytes, this.offsetOf(this.next));
    this.next += length;
  }

  read(firstRow: Row, into: Uint8Array): void {
    const at = this.offsetOf(firstRow);
    into.set(this.bytes.subarray(at, at + into.length));
  }

  private offsetOf(row: Row): number {
    return (row - this.first) * this.rowBytes;
  }
}

function grown(kept: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(kept);
  return larger;
}
