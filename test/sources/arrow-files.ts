import * as arrow from 'apache-arrow';
import lz4 from 'lz4js';
import { Flatbuffer } from '../../src/sources/arrow/flatbuffer.ts';

/** Columns as vectors of apache-arrow, of one length. */
export type Vectors = Readonly<Record<string, arrow.Vector>>;

/** A Zstandard frame of one block of a byte again and again; other content is not compressed here. */
function zstdRun(content: Uint8Array): Uint8Array {
  if (content.some((byte) => byte !== content[0]) && content.length !== 8) return new Uint8Array(content.length);
  const frame = Buffer.alloc(13 + 4);
  frame.writeUInt32LE(0xfd2f_b528, 0);
  frame.writeUInt8(0xe0, 4);
  frame.writeBigUInt64LE(BigInt(content.length), 5);
  // last block, of type 1: a run
  frame.writeUIntLE(content.length * 8 + 3, 13, 3);
  frame.writeUInt8(content[0], 16);
  return frame;
}

const CODECS = {
  lz4: {
    type: arrow.CompressionType.LZ4_FRAME,
    encode: (content: Uint8Array) => Uint8Array.from(lz4.compress(content)),
  },
  zstd: { type: arrow.CompressionType.ZSTD, encode: zstdRun },
} as const;

/** An Arrow file of record batches of `batchRows`, by apache-arrow. */
export function arrowOf(vectors: Vectors, batchRows: number, codec?: keyof typeof CODECS): Buffer {
  const whole = new arrow.Table({ ...vectors });
  const table = new arrow.Table(
    whole.schema,
    Array.from(
      { length: Math.ceil(whole.numRows / batchRows) },
      (_, i) => whole.slice(i * batchRows, (i + 1) * batchRows).batches,
    ).flat(),
  );
  if (codec === undefined) return Buffer.from(arrow.RecordBatchFileWriter.writeAll(table).toUint8Array(true));
  const lengths: number[] = [];
  const encode = (content: Uint8Array) => {
    const packed = CODECS[codec].encode(content);
    if (packed.length < content.length) lengths.push(content.length);
    return packed;
  };
  arrow.compressionRegistry.set(CODECS[codec].type, { encode });
  lengths.length = 0;
  const writer = new arrow.RecordBatchFileWriter({ compressionType: CODECS[codec].type, autoDestroy: true });
  for (const batch of table.batches) writer.write(batch);
  const file = Buffer.from(writer.finish().toUint8Array(true));
  putLengths(file, lengths);
  return file;
}

/** apache-arrow writes the compressed length where the format has the uncompressed one. */
function putLengths(file: Buffer, lengths: number[]): void {
  const footerLength = file.readInt32LE(file.length - 10);
  const footer = new Flatbuffer(file.subarray(file.length - 10 - footerLength, file.length - 10)).root();
  const blocks = footer.longs(3, 3);
  let next = 0;
  for (let i = 0; i < blocks.length; i += 3) {
    const [at, metadata] = blocks.slice(i, i + 2);
    const batch = new Flatbuffer(file.subarray(at + 8, at + metadata)).root().table(2);
    const buffers = batch?.longs(2, 2) ?? [];
    for (let k = 0; k < buffers.length; k += 2) {
      const place = at + metadata + buffers[k];
      if (buffers[k + 1] > 0 && file.readBigInt64LE(place) !== -1n)
        file.writeBigInt64LE(BigInt(lengths[next++]), place);
    }
  }
}
