import type duckdb from '@duckdb/node-bindings';
import type { Bindings } from '../../duckdb/database.ts';
import { type BlockArray, DTYPE_BYTES, type Dtype } from '../source.ts';

/** Copies what DuckDB has decoded. */
export interface RowVectors {
  /** Writes the rows of a chunk of `length` to `at`, a multiple of the row's bytes. */
  copy(chunk: duckdb.DataChunk, length: number, into: Uint8Array, at: number): void;
}

/** The most rows of a chunk of DuckDB. */
export const VECTOR_ROWS = 2048;

type Words = Uint8Array | Uint16Array | Uint32Array;

/** How the rows of an array lie in the vectors of its query: a vector a column, or one of arrays. */
export function rowVectors(source: BlockArray, bindings: Bindings): RowVectors {
  const { dtype, columns, reading, nullAs } = source;
  const bytes = DTYPE_BYTES[dtype];

  const copyLists: RowVectors['copy'] = (chunk, length, into, at) => {
    const elements = length * columns;
    const child = bindings.array_vector_get_child(bindings.data_chunk_get_vector(chunk, 0));
    into.set(bindings.vector_get_data(child, elements * bytes), at);
    const validity: Uint8Array | null = bindings.vector_get_validity(child, 8 * Math.ceil(elements / 64));
    if (validity === null) return;
    const view = new DataView(into.buffer, into.byteOffset + at, elements * bytes);
    for (let i = 0; i < elements; i++) {
      if (((validity[i >> 3] >> (i & 7)) & 1) === 0) putElement(view, dtype, i * bytes, nullAs);
    }
  };

  const copyColumns: RowVectors['copy'] = (chunk, length, into, at) => {
    const dataOf = (column: number): Uint8Array =>
      bindings.vector_get_data(bindings.data_chunk_get_vector(chunk, column), length * bytes);
    if (columns === 1) {
      into.set(dataOf(0), at);
      return;
    }
    // elements of 8 bytes are two words each
    const words = Math.ceil(bytes / 4);
    const row = wordsOf(into, bytes);
    for (let column = 0; column < columns; column++) {
      const from = wordsOf(dataOf(column), bytes);
      const start = (at / bytes + column) * words;
      for (let word = 0; word < words; word++) {
        for (let i = 0, to = start + word; i < length; i++, to += columns * words) row[to] = from[i * words + word];
      }
    }
  };

  return { copy: reading.listLength === null ? copyColumns : copyLists };
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array, size: number): Words {
  if (size === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  return size === 2
    ? new Uint16Array(buffer, byteOffset, byteLength >> 1)
    : new Uint32Array(buffer, byteOffset, byteLength >> 2);
}

/** Writes a number in a dtype; NaN is 0 among integers. */
function putElement(view: DataView, dtype: Dtype, at: number, value: number): void {
  if (dtype === 'float32') view.setFloat32(at, value, true);
  else if (dtype === 'float64') view.setFloat64(at, value, true);
  else if (dtype === 'int64') view.setBigInt64(at, BigInt(Math.trunc(value) || 0), true);
  else view.setInt32(at, value, true);
}
