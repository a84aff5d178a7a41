import { crc32 } from 'node:zlib';
import { type GhmError, inputError } from '../../errors.ts';
import { DTYPE_BYTES, type PackedArray, type Packing } from '../source.ts';

/** Unpacks a stream from its first byte to its last, piece by piece; a piece is good until the next is asked for. */
export type Unpack = (fd: number, packing: Packing, name: string) => AsyncIterable<Uint8Array>;

/** Loaded where there is such an array. */
const UNPACKERS: Readonly<Record<Packing['codec'], () => Promise<Unpack>>> = {
  deflate: async () => (await import('./inflate.ts')).inflate,
  gzip: async () => (await import('./inflate.ts')).inflate,
  zstd: async () => (await import('./zstd.ts')).unzstd,
};

/**
 * Unpacks the rows of an array, which have to be exactly as many as its header says.
 *
 * @param fd its file
 * @param visit is given the bytes of rows, and where they belong, counted from the first row. Returning `false` it ends
 *   the unpacking before its end
 * @throws inputError where the data are damaged, more or fewer than expected, or differ from their CRC-32
 */
export async function unpackRows(
  fd: number,
  source: PackedArray,
  visit: (rows: Uint8Array, at: number) => boolean | Promise<boolean>,
): Promise<void> {
  const { packing, name, rows, columns, dtype } = source;
  const { headerBytes } = packing;
  const expected = headerBytes + rows * columns * DTYPE_BYTES[dtype];
  const unpack = await UNPACKERS[packing.codec]();
  let done = 0;
  let crc = 0;
  for await (const piece of unpack(fd, packing, name)) {
    if (done + piece.length > expected) throw wrongLength(name, expected, 'more');
    const skipped = Math.min(piece.length, Math.max(0, headerBytes - done));
    if (!(await visit(piece.subarray(skipped), done + skipped - headerBytes))) return;
    if (packing.crc32 !== null) crc = crc32(piece, crc);
    done += piece.length;
  }
  if (done < expected) throw wrongLength(name, expected, String(done));
  if (packing.crc32 === null || crc === packing.crc32) return;
  throw inputError(`${name}: damaged: its CRC-32 differs from the archive's. Was it copied or written to the end?`);
}

const wrongLength = (name: string, expected: number, found: string): GhmError =>
  inputError(
    `${name}: expected ${expected} bytes when unpacked (its header and rows), found ${found}. Save the file again`,
  );
