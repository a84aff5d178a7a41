import type duckdb from '@duckdb/node-bindings';
import type { Bindings } from '../../duckdb/database.ts';
import { interleave } from '../interleave.ts';
import { nullWriter } from '../null-mark.ts';
import { type BlockArray, DTYPE_BYTES } from '../source.ts';

/** Copies what DuckDB has decoded. */
export interface RowVectors {
  /** Writes the rows of a chunk of `length` to `at`, a multiple of the row's bytes. */
  copy(chunk: duckdb.DataChunk, length: number, into: Uint8Array, at: number): void;
}

/** The most rows of a chunk of DuckDB. */
export const VECTOR_ROWS = 2048;

interface VectorPlace {
  readonly bindings: Bindings;
  readonly listLength: number | null;
  /** Number of the array's first vector among those of the query. */
  readonly firstVector: number;
}

/** How the rows of an array lie in the vectors of a query: a vector a column, or one of arrays. */
export function rowVectors(source: BlockArray, { bindings, listLength, firstVector }: VectorPlace): RowVectors {
  const { dtype, columns } = source;
  const bytes = DTYPE_BYTES[dtype];

  const eachNull = (vector: duckdb.Vector, length: number, visit: (i: number) => void): void => {
    const validity: Uint8Array | null = bindings.vector_get_validity(vector, 8 * Math.ceil(length / 64));
    if (validity === null) return;
    for (let i = 0; i < length; i++) if (((validity[i >> 3] >> (i & 7)) & 1) === 0) visit(i);
  };

  const copyLists: RowVectors['copy'] = (chunk, length, into, at) => {
    const elements = length * columns;
    const child = bindings.array_vector_get_child(bindings.data_chunk_get_vector(chunk, firstVector));
    into.set(bindings.vector_get_data(child, elements * bytes), at);
    eachNull(child, elements, nullWriter(source, into.subarray(at)));
  };

  const copyColumns: RowVectors['copy'] = (chunk, length, into, at) => {
    const putNull = nullWriter(source, into.subarray(at));
    for (let column = 0; column < columns; column++) {
      const vector = bindings.data_chunk_get_vector(chunk, firstVector + column);
      const values = bindings.vector_get_data(vector, length * bytes);
      if (columns === 1) into.set(values, at);
      else interleave(values, into, at, { rows: length, columns, column, bytes });
      eachNull(vector, length, (row) => putNull(row * columns + column));
    }
  };

  return { copy: listLength === null ? copyColumns : copyLists };
}
