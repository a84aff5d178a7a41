import { readSync } from 'node:fs';
import { Decompress } from 'fzstd';
import xxhash from 'xxhash-wasm';
import type { Packing } from '../source.ts';
import { damaged } from './first-bytes.ts';
import { type ReadBytes, zstdFrames } from './zstd-frames.ts';

const READ_BYTES = 1 << 17;

let loading: ReturnType<typeof xxhash> | undefined;

/**
 * Unpacks zstd data frame by frame, and sees that each has the checksum that it says.
 *
 * @throws inputError where the data are damaged or cut off, or need a dictionary or a window above 128 MiB
 */
export async function* unzstd(fd: number, { codec, offset, bytes }: Packing, name: string): AsyncGenerator<Uint8Array> {
  loading ??= xxhash();
  const { create64 } = await loading;
  const read: ReadBytes = (at, length) => {
    const into = new Uint8Array(Math.max(0, Math.min(length, offset + bytes - at)));
    let done = 0;
    for (let got = 1; got > 0 && done < into.length; done += got)
      got = readSync(fd, into, done, into.length - done, at + done);
    return into.subarray(0, done);
  };
  try {
    for (const { start, end, checksum } of zstdFrames(read, offset, offset + bytes)) {
      const hash = checksum === null ? null : create64();
      let pieces: Uint8Array[] = [];
      const decoder = new Decompress((piece) => pieces.push(piece));
      for (let at = start; at < end; at += READ_BYTES) {
        decoder.push(read(at, Math.min(READ_BYTES, end - at)), at + READ_BYTES >= end);
        for (const piece of pieces) {
          hash?.update(piece);
          yield piece;
        }
        pieces = [];
      }
      if (hash !== null && Number(hash.digest() & 0xffff_ffffn) !== checksum) throw new Error('the checksum differs');
    }
  } catch (error) {
    throw damaged(codec, name, error);
  }
}

/** What the first bytes of zstd data, which are cut off anywhere, hold at least; `most` bytes or a piece more. */
export async function unzstdStart(packed: Uint8Array, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const decoder = new Decompress((piece) => {
    pieces.push(piece.slice());
    length += piece.length;
  });
  const read: ReadBytes = (at, count) => packed.subarray(at, at + count);
  try {
    // the first frame's window is looked at before anything is made of it
    for (const _ of zstdFrames(read, 0, packed.length)) break;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('cut off')) throw error;
  }
  for (let at = 0; at < packed.length && length < most; at += 1024) decoder.push(packed.subarray(at, at + 1024));
  return Buffer.concat(pieces);
}
