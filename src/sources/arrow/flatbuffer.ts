/**
 * A flatbuffer, every access checked against the end of the bytes: the metadata of an Arrow file may be damaged, and the decoder
 * of apache-arrow follows a damaged length as far as memory goes.
 *
 * @throws RangeError from every method, where an offset or a length leads out of the bytes
 */
export class Flatbuffer {
  readonly view: DataView;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The table that the buffer is. */
  root(): Table {
    return new Table(this, this.view.getUint32(0, true));
  }

  /** The elements of the vector at `at`. */
  span(at: number, elementBytes: number): Uint8Array {
    const length = this.view.getUint32(at, true) * elementBytes;
    if (at + 4 + length > this.bytes.length)
      throw new RangeError(`a vector of ${length} bytes leads out of the metadata`);
    return this.bytes.subarray(at + 4, at + 4 + length);
  }

  i64(at: number): number {
    // faster than by way of a bigint; what a double cannot hold is not safe either way
    const value = this.view.getInt32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no place in a file`);
    return value;
  }
}

/** Fields of a table by number; 0, '' or nothing where one is absent. */
export class Table {
  private readonly buffer: Flatbuffer;
  private readonly at: number;
  /** Where it says at which places its fields are, and the bytes of that. */
  private readonly places: number;
  private readonly placesBytes: number;

  constructor(buffer: Flatbuffer, at: number) {
    this.buffer = buffer;
    this.at = at;
    this.places = at - buffer.view.getInt32(at, true);
    this.placesBytes = buffer.view.getUint16(this.places, true);
  }

  u8(field: number): number {
    const place = this.place(field);
    return place === null ? 0 : this.buffer.view.getUint8(place);
  }

  i16(field: number): number {
    const place = this.place(field);
    return place === null ? 0 : this.buffer.view.getInt16(place, true);
  }

  i32(field: number): number {
    const place = this.place(field);
    return place === null ? 0 : this.buffer.view.getInt32(place, true);
  }

  i64(field: number): number {
    const place = this.place(field);
    return place === null ? 0 : this.buffer.i64(place);
  }

  text(field: number): string {
    const target = this.target(field);
    return target === null ? '' : Buffer.from(this.buffer.span(target, 1)).toString('utf8');
  }

  table(field: number): Table | null {
    const target = this.target(field);
    return target === null ? null : new Table(this.buffer, target);
  }

  tables(field: number): Table[] {
    const target = this.target(field);
    if (target === null) return [];
    const { length } = this.buffer.span(target, 4);
    return Array.from({ length: length / 4 }, (_, i) => {
      const entry = target + 4 + 4 * i;
      return new Table(this.buffer, entry + this.buffer.view.getUint32(entry, true));
    });
  }

  /** The 8-byte words of a vector of structs of `stride` words each. */
  longs(field: number, stride: number): number[] {
    const target = this.target(field);
    if (target === null) return [];
    const { length } = this.buffer.span(target, 8 * stride);
    const words: number[] = [];
    for (let at = target + 4; at < target + 4 + length; at += 8) words.push(this.buffer.i64(at));
    return words;
  }

  private place(field: number): number | null {
    const entry = 4 + 2 * field;
    const offset = entry + 2 <= this.placesBytes ? this.buffer.view.getUint16(this.places + entry, true) : 0;
    return offset === 0 ? null : this.at + offset;
  }

  private target(field: number): number | null {
    const place = this.place(field);
    return place === null ? null : place + this.buffer.view.getUint32(place, true);
  }
}
