import { inputError } from '../../errors.ts';
import { type InputHandle, readUpTo } from '../input-handle.ts';
import type { ByteOffset, Row } from '../source.ts';
import { Flatbuffer, type Table } from './flatbuffer.ts';
import { type ArrowField, fieldOf } from './schema.ts';

/** A stretch of bytes; that of a buffer is counted from the start of the body of its record batch. */
export interface Region {
  readonly at: ByteOffset;
  readonly bytes: number;
}

export interface RecordBatch {
  readonly firstRow: Row;
  /** Where its buffers are in the file. */
  readonly bodyAt: ByteOffset;
  /** The same object for batches that are laid out alike. */
  readonly layout: BatchLayout;
}

/** What the buffers of a record batch are compressed with. */
export type ArrowCodec = 'none' | 'lz4' | 'zstd';

/** How a record batch is laid out, its buffers in the order of the file. */
export interface BatchLayout {
  readonly rows: number;
  /** Of each field and field within. */
  readonly nodes: readonly { readonly length: number; readonly nulls: number }[];
  readonly buffers: readonly Region[];
  readonly variadic: readonly number[];
  readonly codec: ArrowCodec;
}

export interface ArrowFooter {
  readonly fields: readonly ArrowField[];
  /** Those that have rows. */
  readonly batches: readonly RecordBatch[];
  readonly rows: Row;
}

const MAGIC = 'ARROW1';
/** The magic and two bytes. */
const START_BYTES = 8;
/** A length, and the magic. */
const END_BYTES = 10;
const MOST_METADATA = 64 << 20;
const BLOCK_WORDS = 3;
const RECORD_BATCH = 3;

/**
 * Reads what an Arrow file says of itself: its schema, and where the buffers of its record batches lie.
 *
 * @throws inputError where it is cut off, or a length or an offset in it is not possible
 */
export function readArrowFooter(handle: InputHandle): ArrowFooter {
  const { name, stats } = handle;
  const end = readUpTo(handle, Math.max(0, stats.size - END_BYTES), END_BYTES);
  if (stats.size < START_BYTES + END_BYTES || Buffer.from(end.subarray(4)).toString('latin1') !== MAGIC) {
    throw inputError(
      `${name}: ends without the footer of an Arrow file. Was it written to the end, and as a file (pyarrow.ipc.new_file, ` +
        'Feather version 2), not as a stream?',
    );
  }
  const length = new DataView(end.buffer, end.byteOffset).getInt32(0, true);
  const at = stats.size - END_BYTES - length;
  if (length <= 0 || length > MOST_METADATA || at < START_BYTES) {
    throw inputError(`${name}: damaged: expected a footer of 1 to ${stats.size} bytes, found ${length}`);
  }
  try {
    const footer = new Flatbuffer(readUpTo(handle, at, length)).root();
    const schema = footer.table(1);
    if (schema === null) throw new RangeError('no schema');
    if (schema.i16(0) !== 0) throw inputError(`${name}: is big-endian; expected a little-endian Arrow file`);
    const fields = schema.tables(1).map((field) => fieldOf(field));
    const batches: RecordBatch[] = [];
    let firstRow = 0;
    const read = layoutReader(handle);
    for (const block of blocksOf(footer, stats.size)) {
      const layout = read(block);
      if (layout.rows > 0) batches.push({ firstRow, bodyAt: block.at + block.metadataBytes, layout });
      firstRow += layout.rows;
      if (firstRow > Number.MAX_SAFE_INTEGER) throw new RangeError(`record batches of ${firstRow} rows`);
    }
    return { fields, batches, rows: firstRow };
  } catch (error) {
    if (error instanceof RangeError) throw inputError(`${name}: damaged Arrow metadata: ${error.message}`);
    throw error;
  }
}

interface Block {
  readonly at: ByteOffset;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

/** The record batches that the footer names. @throws RangeError where one does not lie in the file, or two share bytes */
function blocksOf(footer: Table, fileBytes: number): Block[] {
  const words = footer.longs(3, BLOCK_WORDS);
  const blocks: Block[] = [];
  for (let i = 0; i < words.length; i += BLOCK_WORDS) {
    const [at, metadataBytes, bodyBytes] = [words[i], words[i + 1] % 2 ** 32, words[i + 2]];
    const inFile = at >= START_BYTES && metadataBytes >= START_BYTES && bodyBytes >= 0;
    if (!inFile || metadataBytes > MOST_METADATA || at + metadataBytes + bodyBytes > fileBytes) {
      throw new RangeError(`a record batch of ${metadataBytes} + ${bodyBytes} bytes at ${at} does not lie in the file`);
    }
    blocks.push({ at, metadataBytes, bodyBytes });
  }
  const extents = blocks.map(({ at, metadataBytes, bodyBytes }) => ({ at, bytes: metadataBytes + bodyBytes }));
  checkApart(extents, 'a record batch');
  return blocks;
}

/** Bytes of metadata that are remembered: those of a damaged file may be long, and all different. */
const MOST_REMEMBERED = 4 << 20;

/** Reads the layouts of record batches; thousands of a file may say the same, byte by byte, and are read as one. */
function layoutReader(handle: InputHandle): (block: Block) => BatchLayout {
  const known = new Map<string, BatchLayout>();
  let remembered = 0;
  let space = Buffer.alloc(0);
  return ({ at, metadataBytes, bodyBytes }) => {
    if (space.length < metadataBytes) space = Buffer.alloc(metadataBytes);
    const metadata = readUpTo(handle, at, metadataBytes, space);
    const said = `${bodyBytes} ${space.toString('latin1', 0, metadata.length)}`;
    let layout = known.get(said);
    if (layout === undefined) {
      layout = layoutOf(metadata, bodyBytes, at);
      remembered += said.length;
      if (remembered <= MOST_REMEMBERED) known.set(said, layout);
    }
    return layout;
  };
}

function layoutOf(metadata: Uint8Array, bodyBytes: number, at: ByteOffset): BatchLayout {
  // a length, in newer files behind a mark
  const marked = new DataView(metadata.buffer, metadata.byteOffset).getUint32(0, true) === 0xffff_ffff;
  const message = new Flatbuffer(metadata.subarray(marked ? 8 : 4)).root();
  const batch: Table | null = message.u8(1) === RECORD_BATCH ? message.table(2) : null;
  if (batch === null) throw new RangeError(`no record batch at ${at}`);
  const rows = batch.i64(0);
  if (rows < 0) throw new RangeError(`a record batch of ${rows} rows`);
  const nodes = pairs(batch.longs(1, 2)).map(([length, nulls]) => ({ length, nulls }));
  const buffers = pairs(batch.longs(2, 2)).map(([offset, bytes]): Region => {
    if (offset < 0 || bytes < 0 || offset + bytes > bodyBytes) {
      throw new RangeError(`a buffer of ${bytes} bytes at ${offset} does not lie in its record batch of ${bodyBytes}`);
    }
    return { at: offset, bytes };
  });
  checkApart(buffers, 'a buffer');
  const compression = batch.table(3);
  const codec = compression === null ? 'none' : (['lz4', 'zstd'] as const)[compression.u8(0)];
  if (codec === undefined) throw new RangeError(`codec ${compression?.u8(0)} is unknown`);
  return { rows, nodes, buffers, variadic: batch.longs(4, 1), codec };
}

/** @throws RangeError where two of them share bytes: writers put one after the other */
function checkApart(extents: readonly Region[], what: string): void {
  let end = 0;
  for (const { at, bytes } of extents.filter((extent) => extent.bytes > 0).sort((a, b) => a.at - b.at)) {
    if (at < end) throw new RangeError(`${what} of ${bytes} bytes at ${at} overlaps the one before it`);
    end = at + bytes;
  }
}

const pairs = (words: readonly number[]): [number, number][] =>
  Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i], words[2 * i + 1]]);
