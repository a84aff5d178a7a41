import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import { hex32 } from './sinks/crc32.ts';

/** Length and CRC-32 (as zlib's) of a whole file, the latter as eight hexadecimal digits. */
export interface Checksum {
  readonly bytes: number;
  readonly crc32: string;
}

/** A file and its checksum; the path of an output is below the output folder, with `/`. */
export interface ChecksummedFile extends Checksum {
  readonly path: string;
}

export const checksumOf = (content: Uint8Array): Checksum => ({
  bytes: content.length,
  crc32: hex32(crc32(content)),
});

/** Streams a file. `onChunk` is told the bytes of each chunk, and may end it by throwing. */
export async function checksumOfFile(path: string, onChunk: (bytes: number) => void = () => {}): Promise<Checksum> {
  let bytes = 0;
  let crc = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    crc = crc32(chunk, crc);
    bytes += chunk.length;
    onChunk(chunk.length);
  }
  return { bytes, crc32: hex32(crc) };
}
