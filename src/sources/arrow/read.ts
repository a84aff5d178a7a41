import { closeSync, openSync } from 'node:fs';
import { readFully } from '../../../workers/file-io.ts';
import { inputError } from '../../errors.ts';
import { elementReader } from '../elements.ts';
import { interleave } from '../interleave.ts';
import { nullWriter } from '../null-mark.ts';
import { elementWriter } from '../put-element.ts';
import type { RowReader } from '../row-reader.ts';
import { type BlockArray, type ByteOffset, DTYPE_BYTES, type Dtype, type Row } from '../source.ts';
import { bitAt, type Decompress, decompressorOf, unpacked } from './buffers.ts';
import type { ArrowCodec, Region } from './footer.ts';
import { type ArrowReading, type ArrowValues, BATCH_WORDS, type BatchShape } from './reading.ts';

/** Opens an array of an Arrow file for reading, on a worker thread. */
export async function openArrowRows(source: BlockArray): Promise<RowReader> {
  const { reading } = source;
  if (reading.kind !== 'arrow') throw new TypeError(`${source.name} is not Arrow`);
  const decompressors = new Map<ArrowCodec, Decompress>();
  for (const codec of new Set(reading.shapes.map((shape) => shape.codec))) {
    decompressors.set(codec, await decompressorOf(codec));
  }
  return new ArrowRows(source, reading, openSync(source.path, 'r'), decompressors);
}

interface Batch {
  readonly firstRow: Row;
  /** Where its body is in the file. */
  readonly bodyAt: ByteOffset;
  readonly shape: BatchShape;
}

/** What a stretch of rows in one record batch is. */
interface Stretch {
  readonly batch: Batch;
  /** Row within the batch. */
  readonly from: Row;
  readonly rows: number;
}

class ArrowRows implements RowReader {
  private readonly source: BlockArray;
  private readonly reading: ArrowReading;
  private readonly fd: number;
  private readonly decompressors: ReadonlyMap<ArrowCodec, Decompress>;
  /** Decompressed buffers of the batch that is being read. */
  private readonly cached = new Map<Region, Uint8Array>();
  private cachedFrom: Row | undefined;

  constructor(source: BlockArray, reading: ArrowReading, fd: number, decompressors: ArrowRows['decompressors']) {
    this.source = source;
    this.reading = reading;
    this.fd = fd;
    this.decompressors = decompressors;
  }

  read(firstRow: Row, into: Uint8Array): void {
    const rowBytes = this.source.columns * DTYPE_BYTES[this.source.dtype];
    const rows = into.length / rowBytes;
    let number = this.numberOf(firstRow);
    for (let done = 0; done < rows; number++) {
      const batch = this.batchAt(number);
      const from = firstRow + done - batch.firstRow;
      const stretch = { batch, from, rows: Math.min(rows - done, batch.shape.rows - from) };
      this.readStretch(stretch, into.subarray(done * rowBytes, (done + stretch.rows) * rowBytes));
      done += stretch.rows;
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Number of the batch that a row is in. */
  private numberOf(row: Row): number {
    const { batches } = this.reading;
    let low = 0;
    let high = batches.length / BATCH_WORDS - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (batches[BATCH_WORDS * middle] <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private batchAt(number: number): Batch {
    const { batches, shapes } = this.reading;
    const [firstRow, bodyAt, shape] = batches.subarray(BATCH_WORDS * number, BATCH_WORDS * (number + 1));
    return { firstRow, bodyAt, shape: shapes[shape] };
  }

  private readStretch(stretch: Stretch, into: Uint8Array): void {
    const { bodyAt, shape } = stretch.batch;
    const { columns, codec } = shape;
    const bytes = DTYPE_BYTES[this.source.dtype];
    const [only] = columns;
    if (columns.length === 1 && this.isPlain(only) && codec === 'none') {
      // as they are in the file, to where they belong
      this.checkOffsets(stretch, only);
      const elementAt = stretch.from * only.width;
      readFully(this.fd, into, bodyAt + only.values.at + elementAt * bytes, this.source.name);
      return;
    }
    for (const [column, values] of columns.entries()) {
      this.checkOffsets(stretch, values);
      const elements = this.isPlain(values)
        ? this.bytesOf(
            stretch.batch,
            values.values,
            stretch.from * values.width * bytes,
            stretch.rows * values.width * bytes,
          )
        : this.converted(stretch, values);
      if (columns.length === 1) into.set(elements);
      else interleave(elements, into, 0, { rows: stretch.rows, columns: columns.length, column, bytes });
    }
  }

  /** Whether the elements in the file are those of the array. */
  private isPlain({ validity, listValidity }: ArrowValues): boolean {
    const { stored } = this.reading;
    return stored === this.source.dtype && stored !== 'bool' && validity === null && listValidity === null;
  }

  /** Elements one by one: bits, and numbers among which some are null. */
  private converted({ batch, from, rows }: Stretch, column: ArrowValues): Uint8Array {
    const { dtype } = this.source;
    const { stored } = this.reading;
    const { width, values, validity, listValidity } = column;
    const [first, count] = [from * width, rows * width];
    const valueAt =
      stored === 'bool' ? this.numbersOf(batch, values, first, count) : this.elementsOf(batch, values, first, count);
    const isValid = validity && this.bitsOf(batch, validity, first, count);
    const isList = listValidity && this.bitsOf(batch, listValidity, from, rows);
    const result = new Uint8Array(rows * width * DTYPE_BYTES[dtype]);
    const put = elementWriter(dtype, result);
    const putNull = nullWriter(this.source, result);
    for (let i = 0; i < count; i++) {
      const isNull = isList?.(Math.floor(i / width)) === false || isValid?.(i) === false;
      if (isNull) putNull(i);
      else put(i, valueAt(i));
    }
    return result;
  }

  /** Elements [first, first + count) of a buffer of numbers. */
  private elementsOf(batch: Batch, region: Region, first: number, count: number): (i: number) => number {
    const { stored } = this.reading;
    const bytes = this.bytesOf(batch, region, first * DTYPE_BYTES[stored], count * DTYPE_BYTES[stored]);
    return elementReader({ dtype: stored, bigEndian: false }, bytes);
  }

  private numbersOf(batch: Batch, region: Region, first: number, count: number): (i: number) => number {
    const bits = this.bitsOf(batch, region, first, count);
    return (i) => Number(bits(i));
  }

  /** Bits [first, first + count) of a buffer of bits. */
  private bitsOf(batch: Batch, region: Region, first: number, count: number): (i: number) => boolean {
    const start = Math.floor(first / 8);
    const bytes = this.bytesOf(batch, region, start, Math.ceil((first + count) / 8) - start);
    return (i) => bitAt(bytes, first - 8 * start + i);
  }

  /** @throws inputError where a list is not as long as the others */
  private checkOffsets({ batch, from, rows }: Stretch, { width, offsets }: ArrowValues): void {
    if (offsets === null) return;
    const { bytesEach } = offsets;
    const bytes = this.bytesOf(batch, offsets, from * bytesEach, (rows + 1) * bytesEach);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i <= rows; i++) {
      const offset = bytesEach === 4 ? view.getInt32(4 * i, true) : Number(view.getBigInt64(8 * i, true));
      if (offset === (from + i) * width) continue;
      const row = batch.firstRow + from + Math.max(0, i - 1);
      throw inputError(`${this.source.name}: row ${row}: expected a list of ${width} numbers, as the others have`);
    }
  }

  /** Bytes of a buffer from `from`, decompressed. */
  private bytesOf(batch: Batch, region: Region, from: number, bytes: number): Uint8Array {
    const { name } = this.source;
    if (batch.shape.codec === 'none') {
      const slice = new Uint8Array(bytes);
      readFully(this.fd, slice, batch.bodyAt + region.at + from, name);
      return slice;
    }
    if (this.cachedFrom !== batch.firstRow) this.cached.clear();
    this.cachedFrom = batch.firstRow;
    const whole = this.cached.get(region) ?? this.unpack(batch, region);
    this.cached.set(region, whole);
    return whole.subarray(from, from + bytes);
  }

  private unpack({ bodyAt, shape }: Batch, region: Region): Uint8Array {
    const stored = new Uint8Array(region.bytes);
    readFully(this.fd, stored, bodyAt + region.at, this.source.name);
    const decompress = this.decompressors.get(shape.codec);
    if (decompress === undefined) throw new TypeError(`no decompressor of ${shape.codec}`);
    return unpacked(stored, neededBytes(shape, region, this.reading.stored), decompress, this.source.name);
  }
}

/** Bytes that a buffer has to hold, by what it is of its column. */
function neededBytes(shape: BatchShape, region: Region, stored: Dtype): number {
  for (const { width, values, validity, listValidity, offsets } of shape.columns) {
    const elements = shape.rows * width;
    if (region === values) return stored === 'bool' ? Math.ceil(elements / 8) : elements * DTYPE_BYTES[stored];
    if (region === validity) return Math.ceil(elements / 8);
    if (region === listValidity) return Math.ceil(shape.rows / 8);
    if (region === offsets) return (shape.rows + 1) * offsets.bytesEach;
  }
  throw new RangeError('a buffer of no column');
}
