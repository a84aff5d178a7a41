import type { ByteOffset } from '../source.ts';

/** One frame of a .zst file, as its headers say. */
export interface ZstdFrame {
  readonly start: ByteOffset;
  /** Behind the frame and its checksum. */
  readonly end: ByteOffset;
  /** Low half of the XXH64 of the content, seed 0; `null` where the frame has none. */
  readonly checksum: number | null;
}

/** As the zstd command without --long: what a decoder has to hold. */
const MOST_WINDOW = 128 * 2 ** 20;
const MOST_BLOCK = 128 * 1024;
const HEADER_BYTES = 18;

/** Reads `length` bytes at `at`, fewer where the data end. */
export type ReadBytes = (at: ByteOffset, length: number) => Uint8Array;

/**
 * The frames of zstd data in `[start, end)`, found by their headers and those of their blocks; skippable frames are passed
 * over.
 *
 * @throws Error saying what is wrong
 */
export function* zstdFrames(read: ReadBytes, start: ByteOffset, end: ByteOffset): Generator<ZstdFrame> {
  for (let at = start; at < end; ) {
    const head = read(at, HEADER_BYTES);
    const magic = word(head, 0);
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
      at += 8 + word(head, 4);
      if (at > end) throw new Error('cut off in a skippable frame');
      continue;
    }
    if (magic !== 0xfd2fb528) throw new Error(`no frame at byte ${at}`);
    const { headerBytes, hasChecksum } = frameHeader(head);
    let block = at + headerBytes;
    for (let last = false; !last; ) {
      const bits = word(Uint8Array.of(...read(block, 3), 0), 0);
      const size = bits >>> 3;
      const kind = (bits >>> 1) & 3;
      if (kind === 3 || size > MOST_BLOCK) throw new Error(`a bad block at byte ${block}`);
      last = (bits & 1) === 1;
      block += 3 + (kind === 1 ? 1 : size);
      if (block > end) throw new Error('cut off in a block');
    }
    const behind = block + (hasChecksum ? 4 : 0);
    if (behind > end) throw new Error('cut off in a checksum');
    yield { start: at, end: behind, checksum: hasChecksum ? word(read(block, 4), 0) : null };
    at = behind;
  }
}

/** u32, little-endian. */
function word(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 4) throw new Error('cut off in a header');
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

function frameHeader(head: Uint8Array): { headerBytes: number; hasChecksum: boolean } {
  const descriptor = head[4] ?? 0;
  const single = (descriptor >> 5) & 1;
  const sizeFlag = descriptor >> 6;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = sizeFlag === 0 ? single : 1 << sizeFlag;
  const sizeAt = 6 - single + dictionaryBytes;
  const headerBytes = sizeAt + sizeBytes;
  if ((descriptor & 8) !== 0) throw new Error('a reserved bit is set');
  if (head.length < headerBytes) throw new Error('cut off in a header');
  if (dictionaryBytes > 0 && head.subarray(6 - single, sizeAt).some((byte) => byte !== 0))
    throw new Error('needs a dictionary');
  const window = single === 1 ? contentSize(head, sizeAt, sizeBytes) : windowSize(head[5] ?? 0);
  if (window > MOST_WINDOW) throw new Error(`needs a window of ${window} bytes, above ${MOST_WINDOW}`);
  return { headerBytes, hasChecksum: (descriptor & 4) !== 0 };
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(head: Uint8Array, at: number, bytes: number): number {
  let size = bytes === 2 ? 256 : 0;
  for (let i = 0; i < bytes; i++) size += (head[at + i] ?? 0) * 2 ** (8 * i);
  return size;
}
