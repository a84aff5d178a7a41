import { type Bindings, type Database, rowsMadeHere } from '../../duckdb/database.ts';
import type { RowReader } from '../row-reader.ts';
import { DTYPE_BYTES, type Row } from '../source.ts';
import { damaged } from './metadata.ts';
import { elementsOfRow, type ParquetArray, rowsQuery } from './reading.ts';
import { ParquetTable, type TableRows } from './table.ts';
import { type RowVectors, rowVectors } from './vectors.ts';
import { wrongList } from './wrong-list.ts';

/** Opens arrays of one file, whose rows up to `end` will be read. */
export async function openOneFile(arrays: readonly ParquetArray[], end: Row, database: Database): Promise<RowReader[]> {
  const table = await ParquetTable.open(rowsOfFile(arrays, database), end, database);
  let open = arrays.length;
  return vectorsOf(arrays, database.bindings).map((vectors, i): RowReader => {
    const rowBytes = rowBytesOf(arrays[i]);
    return {
      prepare: (firstRow, rows) => table.prepare(firstRow, rows),
      read: (firstRow, into) => table.read(vectors, firstRow, rowBytes, into),
      close: () => {
        open -= 1;
        if (open === 0) table.close();
      },
    };
  });
}

function rowsOfFile(arrays: readonly ParquetArray[], database: Database): TableRows {
  const [{ name, rows, blocks }] = arrays;
  return {
    name,
    rows,
    blocks,
    columns: elementsOfRow(arrays),
    query: (firstRow, end) => rowsQuery(arrays, firstRow, end),
    decode: rowsMadeHere,
    async explain(error, firstRow) {
      for (const array of arrays) {
        const wrong = await wrongList(database, array, array.reading, firstRow);
        if (wrong) return wrong;
      }
      return damaged(name, error);
    },
  };
}

/** How rows lie in the vectors of a query for these arrays, array by array. */
export function vectorsOf(arrays: readonly ParquetArray[], bindings: Bindings): RowVectors[] {
  let firstVector = 0;
  return arrays.map((array) => {
    const { listLength, columns } = array.reading;
    const vectors = rowVectors(array, { listLength, bindings, firstVector });
    firstVector += columns.length;
    return vectors;
  });
}

export const rowBytesOf = ({ columns, dtype }: ParquetArray): number => columns * DTYPE_BYTES[dtype];
