import { sqlName, streamOf, withConnection } from '../../duckdb/database.ts';
import { interrupted } from '../../errors.ts';
import { rowVectors } from '../parquet/vectors.ts';
import { type BlockArray, DTYPE_BYTES } from '../source.ts';
import type { Cast } from './cast.ts';
import { NULL_INTEGER } from './memory.ts';
import { type TextTable, textError } from './query.ts';

/** An array of a file of text, and where its rows go. */
export interface TextArray {
  readonly array: BlockArray;
  readonly cast: Cast;
  /** As large as the array. */
  readonly bytes: Uint8Array;
}

/**
 * Reads the rows of arrays of one table, in one reading of it; nulls become marks, and among integers a number that no label
 * is.
 *
 * @throws inputError where DuckDB cannot read a line
 */
export async function fill({ database, name, from, signal }: TextTable, arrays: readonly TextArray[]): Promise<void> {
  const { bindings } = database;
  let vectors = 0;
  const targets = arrays.map(({ array, cast, bytes }) => {
    const nullAs = cast.type === 'FLOAT' ? 'mark' : NULL_INTEGER;
    const place = { bindings, listLength: cast.listLength, firstVector: vectors };
    vectors += cast.columns.length;
    return {
      rows: rowVectors({ ...array, nullAs }, place),
      rowBytes: array.columns * DTYPE_BYTES[array.dtype],
      bytes,
    };
  });
  const values = arrays.flatMap(({ cast }) =>
    cast.columns.map((column) => `CAST(${sqlName(column)} AS ${sqlTypeOf(cast)})`),
  );
  const [
    {
      array: { rows },
    },
  ] = arrays;
  const own = arrays.length === 1 ? arrays[0].array.name : name;
  await withConnection(
    database,
    async (connection) => {
      let row = 0;
      try {
        const result = await streamOf(bindings, connection, `SELECT ${values.join(', ')} FROM ${from}`);
        for (;;) {
          if (signal?.aborted) throw interrupted();
          const chunk = await bindings.fetch_chunk(result);
          const length = chunk === null ? 0 : bindings.data_chunk_get_size(chunk);
          if (chunk === null || length === 0) break;
          if (row + length > rows) throw new RangeError('more rows than before');
          const all = { length, from: 0, to: length };
          for (const target of targets) target.rows.copy(chunk, all, target.bytes, row * target.rowBytes);
          row += length;
        }
      } catch (error) {
        throw textError(own, error);
      }
      if (row !== rows) throw textError(own, new RangeError(`${row} rows, and ${rows} before`));
    },
    signal,
  );
}

const sqlTypeOf = ({ type, listLength }: Cast): string => (listLength === null ? type : `${type}[${listLength}]`);
