/**
 * Tables of a flatbuffer, every access checked against the end of the bytes: the metadata of an Arrow file may be damaged, and
 * the decoder of apache-arrow follows a damaged length as far as memory goes.
 *
 * @throws RangeError from every method, where an offset or a length leads out of the bytes
 */
export class Flatbuffer {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The table that the buffer is. */
  root(): Table {
    return this.table(this.view.getUint32(0, true));
  }

  /** The table at `at`: its fields by number. */
  table(at: number): Table {
    const fields = at - this.view.getInt32(at, true);
    const size = this.view.getUint16(fields, true);
    const place = (field: number): number | null => {
      const entry = 4 + 2 * field;
      const offset = entry + 2 <= size ? this.view.getUint16(fields + entry, true) : 0;
      return offset === 0 ? null : at + offset;
    };
    const target = (field: number): number | null => {
      const here = place(field);
      return here === null ? null : here + this.view.getUint32(here, true);
    };
    const scalar = (field: number, read: (here: number) => number): number => {
      const here = place(field);
      return here === null ? 0 : read(here);
    };
    return {
      u8: (field) => scalar(field, (here) => this.view.getUint8(here)),
      i16: (field) => scalar(field, (here) => this.view.getInt16(here, true)),
      i32: (field) => scalar(field, (here) => this.view.getInt32(here, true)),
      i64: (field) => scalar(field, (here) => this.i64(here)),
      text: (field) => {
        const here = target(field);
        return here === null ? '' : Buffer.from(this.span(here, 1)).toString('utf8');
      },
      table: (field) => {
        const here = target(field);
        return here === null ? null : this.table(here);
      },
      tables: (field) => {
        const here = target(field);
        if (here === null) return [];
        const { length } = this.span(here, 4);
        return Array.from({ length: length / 4 }, (_, i) => {
          const entry = here + 4 + 4 * i;
          return this.table(entry + this.view.getUint32(entry, true));
        });
      },
      longs: (field, stride) => {
        const here = target(field);
        if (here === null) return [];
        const { length } = this.span(here, 8 * stride);
        return Array.from({ length: length / 8 }, (_, i) => this.i64(here + 4 + 8 * i));
      },
    };
  }

  /** The elements of the vector at `at`. */
  private span(at: number, elementBytes: number): Uint8Array {
    const length = this.view.getUint32(at, true) * elementBytes;
    if (at + 4 + length > this.bytes.length)
      throw new RangeError(`a vector of ${length} bytes leads out of the metadata`);
    return this.bytes.subarray(at + 4, at + 4 + length);
  }

  private i64(at: number): number {
    const value = Number(this.view.getBigInt64(at, true));
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no place in a file`);
    return value;
  }
}

/** Fields of a table; 0, '' or nothing where one is absent. */
export interface Table {
  u8(field: number): number;
  i16(field: number): number;
  i32(field: number): number;
  i64(field: number): number;
  text(field: number): string;
  table(field: number): Table | null;
  tables(field: number): Table[];
  /** The 8-byte words of a vector of structs of `stride` words each. */
  longs(field: number, stride: number): number[];
}
