import type duckdb from '@duckdb/node-bindings';
import type { Connection, Database } from '../duckdb/database.ts';
import type { Row } from '../sources/source.ts';

/** Where the values of a call belong: rows that follow each other, of one column. */
export interface RowsCall {
  /** Number of the table. */
  readonly table: number;
  readonly row: Row;
  readonly column: number;
  /** 2,048 rows at most. */
  readonly length: number;
  /** The vector to fill. */
  readonly out: duckdb.Vector;
}

/** A type of SQL, as the bindings call it. */
export type SqlType = Exclude<keyof typeof duckdb.Type, 'INVALID'>;

/** Makes `name(table, row, column)` known to SQL, for queries that go through the rows of a table in order. */
export function registerRowFunction(
  { bindings }: Database,
  connection: Connection,
  { name, type, fill }: { readonly name: string; readonly type: SqlType; readonly fill: (call: RowsCall) => void },
): void {
  const { Type } = bindings;
  const first = (chunk: duckdb.DataChunk, argument: number): DataView => {
    const bytes = bindings.vector_get_data(bindings.data_chunk_get_vector(chunk, argument), 8);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const definition = bindings.create_scalar_function();
  bindings.scalar_function_set_name(definition, name);
  for (const argument of [Type.INTEGER, Type.BIGINT, Type.INTEGER]) {
    bindings.scalar_function_add_parameter(definition, bindings.create_logical_type(argument));
  }
  bindings.scalar_function_set_return_type(definition, bindings.create_logical_type(Type[type]));
  bindings.scalar_function_set_function(definition, (_: unknown, chunk: duckdb.DataChunk, out: duckdb.Vector): void => {
    fill({
      table: first(chunk, 0).getInt32(0, true),
      row: Number(first(chunk, 1).getBigInt64(0, true)),
      column: first(chunk, 2).getInt32(0, true),
      length: bindings.data_chunk_get_size(chunk),
      out,
    });
  });
  bindings.register_scalar_function(connection, definition);
}
