import { elementReader } from '../elements.ts';
import { markedNulls, nullWriter } from '../null-mark.ts';
import type { RowReader } from '../row-reader.ts';
import { type BlockArray, DTYPE_BYTES } from '../source.ts';

/** An array that was read whole, for files of text. Its bytes are shared with the workers. */
export interface MemoryReading {
  readonly kind: 'memory';
  /** Rows, C order, little-endian. */
  readonly bytes: SharedArrayBuffer;
}

/** What a null among integers is in memory: a number that no label is. */
export const NULL_INTEGER = -(2 ** 63);

/** Opens an array in memory for reading, on a worker thread. */
export async function openMemoryRows(source: BlockArray): Promise<RowReader> {
  const { reading, dtype, columns, nullAs, name } = source;
  if (reading.kind !== 'memory') throw new TypeError(`${name} is not in memory`);
  const rows = new Uint8Array(reading.bytes);
  return {
    read(firstRow, into) {
      const at = firstRow * columns * DTYPE_BYTES[dtype];
      into.set(rows.subarray(at, at + into.length));
      if (nullAs === 'mark') return;
      const putNull = nullWriter(source, into);
      for (const i of dtype === 'int64' ? nullIntegers(into) : markedNulls(source, into)) putNull(i);
    },
    close: () => undefined,
  };
}

function nullIntegers(bytes: Uint8Array): number[] {
  const valueAt = elementReader({ dtype: 'int64', bigEndian: false }, bytes);
  const nulls: number[] = [];
  for (let i = 0; i < bytes.length / 8; i++) if (valueAt(i) === NULL_INTEGER) nulls.push(i);
  return nulls;
}
