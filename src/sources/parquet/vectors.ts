import type duckdb from '@duckdb/node-bindings';
import type { Bindings } from '../../duckdb/database.ts';
import { interleave } from '../interleave.ts';
import { nullWriter } from '../null-mark.ts';
import { type BlockArray, DTYPE_BYTES } from '../source.ts';

/** Rows [from, to) of a chunk that has `length`. */
export interface ChunkRows {
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** Copies what DuckDB has decoded. */
export interface RowVectors {
  /** Writes rows of a chunk to `at`, a multiple of the row's bytes. */
  copy(chunk: duckdb.DataChunk, rows: ChunkRows, into: Uint8Array, at: number): void;
}

type VectorArray = Pick<BlockArray, 'name' | 'dtype' | 'columns' | 'nullAs'>;

interface VectorPlace {
  readonly bindings: Bindings;
  readonly listLength: number | null;
  /** Number of the array's first vector among those of the query. */
  readonly firstVector: number;
}

/** What the bindings give of a vector: copies. */
interface Values {
  readonly bytes: Uint8Array;
  /** A bit a value; `null` where none is null. */
  readonly validity: Uint8Array | null;
}

/** How the rows of an array lie in the vectors of a query: a vector a column, or one of arrays. */
export function rowVectors(source: VectorArray, { bindings, listLength, firstVector }: VectorPlace): RowVectors {
  const { dtype, columns } = source;
  const bytes = DTYPE_BYTES[dtype];
  const vectors = listLength === null ? columns : 1;
  /** Values side by side in a vector. */
  const width = columns / vectors;

  const read = (chunk: duckdb.DataChunk, length: number): Values[] =>
    Array.from({ length: vectors }, (_, i) => {
      const outer = bindings.data_chunk_get_vector(chunk, firstVector + i);
      const vector = listLength === null ? outer : bindings.array_vector_get_child(outer);
      const count = length * width;
      return {
        bytes: bindings.vector_get_data(vector, count * bytes),
        validity: bindings.vector_get_validity(vector, 8 * Math.ceil(count / 64)),
      };
    });

  /** The chunk that was read last: others of its rows may be asked for next. */
  let last: { readonly chunk: duckdb.DataChunk; readonly values: readonly Values[] } | undefined;

  return {
    copy(chunk, { length, from, to }, into, at) {
      if (last?.chunk !== chunk) last = { chunk, values: read(chunk, length) };
      for (const [column, values] of last.values.entries()) {
        const isWhole = to - from === length;
        const part = isWhole ? values.bytes : values.bytes.subarray(from * width * bytes, to * width * bytes);
        if (vectors === 1) into.set(part, at);
        else interleave(part, into, at, { rows: to - from, columns, column, bytes });
        if (values.validity === null) continue;
        const putNull = nullWriter(source, into.subarray(at));
        eachNull(values.validity, from * width, to * width, (i) => putNull(i * vectors + column));
      }
    },
  };
}

/** Visits the nulls among values [from, to), counted from the first of these. */
function eachNull(validity: Uint8Array, from: number, to: number, visit: (i: number) => void): void {
  for (let i = from; i < to; i++) if (((validity[i >> 3] >> (i & 7)) & 1) === 0) visit(i - from);
}
