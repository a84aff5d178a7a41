import { elementReader } from '../elements.ts';
import { elementWriter } from '../put-element.ts';
import type { RowReader } from '../row-reader.ts';
import { type BlockArray, DTYPE_BYTES, type Dtype } from '../source.ts';

/** An array that was read whole, for files of text. Its bytes are shared with the workers. */
export interface MemoryReading {
  readonly kind: 'memory';
  /** Rows, C order, little-endian. */
  readonly bytes: SharedArrayBuffer;
}

/** What a null is until it is known what it is read as: a number that no label is, or NaN. */
export const nullMark = (dtype: Dtype): number => (dtype === 'int64' ? -(2 ** 63) : Number.NaN);

/** Opens an array in memory for reading, on a worker thread. */
export async function openMemoryRows(source: BlockArray): Promise<RowReader> {
  const { reading, dtype, columns, nullAs, name } = source;
  if (reading.kind !== 'memory') throw new TypeError(`${name} is not in memory`);
  const rows = new Uint8Array(reading.bytes);
  const mark = nullMark(dtype);
  return {
    read(firstRow, into) {
      const at = firstRow * columns * DTYPE_BYTES[dtype];
      into.set(rows.subarray(at, at + into.length));
      if (Object.is(nullAs, mark)) return;
      const elementAt = elementReader({ dtype, bigEndian: false }, into);
      const put = elementWriter(dtype, into);
      for (let i = 0; i < into.length / DTYPE_BYTES[dtype]; i++) {
        if (Object.is(elementAt(i), mark)) put(i, nullAs);
      }
    },
    close: () => undefined,
  };
}
