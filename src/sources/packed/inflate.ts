import { readSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import type { Packing } from '../source.ts';
import { damaged } from './first-bytes.ts';

const READ_BYTES = 1 << 18;
const PIECE_BYTES = 1 << 18;

/**
 * Inflates deflate or gzip data (also of several members). zlib works on a thread of Node's own pool, so the next piece
 * is made while the last is written.
 *
 * @throws inputError where the data are damaged or cut off
 */
export async function* inflate(fd: number, packing: Packing, name: string): AsyncGenerator<Uint8Array> {
  const { codec } = packing;
  const options = { chunkSize: PIECE_BYTES };
  const output = codec === 'gzip' ? createGunzip(options) : createInflateRaw(options);
  // errors of either come out of the iteration
  pipeline(Readable.from(piecesOf(fd, packing), { objectMode: false }), output, () => {});
  try {
    for await (const piece of output) yield piece;
  } catch (error) {
    throw damaged(codec, name, error);
  } finally {
    output.destroy();
  }
}

/** The packed bytes. A stream of the file itself would close it. */
function* piecesOf(fd: number, { offset, bytes }: Packing): Generator<Uint8Array> {
  for (let done = 0; done < bytes; ) {
    const into = new Uint8Array(Math.min(READ_BYTES, bytes - done));
    const read = readSync(fd, into, 0, into.length, offset + done);
    if (read === 0) return;
    yield into.subarray(0, read);
    done += read;
  }
}
