import { inputError } from '../../errors.ts';
import type { ArrowCodec } from './footer.ts';

/** Before a buffer that is compressed: its uncompressed length; -1 says that it is not. */
export const LENGTH_BYTES = 8;
/** Writers may leave in a buffer what they cut off: so many bytes more than are needed, and not without end. */
const mostBytes = (needed: number): number => 16 * needed + 65_536;

export type Decompress = (from: Uint8Array, bytes: number) => Uint8Array;

/** The decompressor of a codec, loaded when a file has it. */
export async function decompressorOf(codec: ArrowCodec): Promise<Decompress> {
  if (codec === 'zstd') {
    const { decompress } = await import('fzstd');
    return (from, bytes) => decompress(from, new Uint8Array(bytes));
  }
  if (codec === 'lz4') {
    const { default: lz4 } = await import('lz4js');
    return (from, bytes) => {
      checkLz4Blocks(from);
      const into = new Uint8Array(bytes);
      const found = lz4.decompressFrame(from, into);
      if (found !== bytes) throw new RangeError(`${found} bytes`);
      return into;
    };
  }
  return (from) => from;
}

/** Sees that the blocks of an LZ4 frame lie in it: lz4js goes on behind the end for as long as a length says. */
function checkLz4Blocks(frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = view.getUint8(4);
  const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0;
  let at = (flags & 0x08) !== 0 ? 15 : 7;
  for (;;) {
    const length = view.getUint32(at, true) & 0x7fff_ffff;
    if (length === 0) return;
    at += 4 + length + blockChecksum;
  }
}

/**
 * The first `needed` bytes of a buffer as it lies in the file.
 *
 * @throws inputError where it does not hold as many, says it holds many more, or cannot be decompressed
 */
export function unpacked(stored: Uint8Array, needed: number, decompress: Decompress, name: string): Uint8Array {
  const said = stored.length < LENGTH_BYTES ? 0n : new DataView(stored.buffer, stored.byteOffset).getBigInt64(0, true);
  const packed = stored.subarray(LENGTH_BYTES);
  const found = said === -1n ? packed.length : Number(said);
  if (found < needed || found > mostBytes(needed)) {
    throw inputError(`${name}: damaged: expected a buffer of ${needed} bytes, found one that says it holds ${found}`);
  }
  if (said === -1n) return packed.subarray(0, needed);
  let bytes: Uint8Array;
  try {
    bytes = decompress(packed, found);
  } catch (error) {
    throw inputError(`${name}: damaged: a buffer cannot be decompressed (${String(error).slice(0, 100)})`);
  }
  if (bytes.length === found) return bytes.subarray(0, needed);
  throw inputError(`${name}: damaged: expected a buffer of ${found} bytes, found ${bytes.length}`);
}

/** Whether bit `i` is set. */
export const bitAt = (bits: Uint8Array, i: number): boolean => ((bits[i >> 3] >> (i & 7)) & 1) === 1;
