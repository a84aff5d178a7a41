import type duckdb from '@duckdb/node-bindings';
import type { Bindings } from '../../duckdb/database.ts';
import { interleave } from '../interleave.ts';
import { elementWriter } from '../put-element.ts';
import { type BlockArray, DTYPE_BYTES } from '../source.ts';

/** Copies what DuckDB has decoded. */
export interface RowVectors {
  /** Writes the rows of a chunk of `length` to `at`, a multiple of the row's bytes. */
  copy(chunk: duckdb.DataChunk, length: number, into: Uint8Array, at: number): void;
}

/** The most rows of a chunk of DuckDB. */
export const VECTOR_ROWS = 2048;

/** How the rows of an array lie in the vectors of its query: a vector a column, or one of arrays. */
export function rowVectors(source: BlockArray, listLength: number | null, bindings: Bindings): RowVectors {
  const { dtype, columns, nullAs } = source;
  const bytes = DTYPE_BYTES[dtype];

  const copyLists: RowVectors['copy'] = (chunk, length, into, at) => {
    const elements = length * columns;
    const child = bindings.array_vector_get_child(bindings.data_chunk_get_vector(chunk, 0));
    into.set(bindings.vector_get_data(child, elements * bytes), at);
    const validity: Uint8Array | null = bindings.vector_get_validity(child, 8 * Math.ceil(elements / 64));
    if (validity === null) return;
    const put = elementWriter(dtype, into.subarray(at));
    for (let i = 0; i < elements; i++) {
      if (((validity[i >> 3] >> (i & 7)) & 1) === 0) put(i, nullAs);
    }
  };

  const copyColumns: RowVectors['copy'] = (chunk, length, into, at) => {
    const dataOf = (column: number): Uint8Array =>
      bindings.vector_get_data(bindings.data_chunk_get_vector(chunk, column), length * bytes);
    if (columns === 1) {
      into.set(dataOf(0), at);
      return;
    }
    for (let column = 0; column < columns; column++) {
      interleave(dataOf(column), into, at, { rows: length, columns, column, bytes });
    }
  };

  return { copy: listLength === null ? copyColumns : copyLists };
}
