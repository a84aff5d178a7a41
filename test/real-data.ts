import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

/**
 * Outputs of a detector on all anchors of 72 images, with golden values, in the folder `shared/real` beside this
 * repository (or where GHM_REAL_DATA says). Tests that need it are skipped where it is not.
 */
export const REAL = process.env.GHM_REAL_DATA ?? fileURLToPath(new URL('../../shared/real/', import.meta.url));

export const hasRealData = existsSync(`${REAL}/beta.npz`);

/** One array of an .npz, as the bytes of its .npy. */
export function npzMember(path: string, name: string): Buffer {
  const file = readFileSync(path);
  const directory = file.readUInt32LE(file.length - 6);
  for (let at = directory; file.readUInt32LE(at) === 0x0201_4b50; ) {
    const [nameBytes, extra, comment] = [28, 30, 32].map((offset) => file.readUInt16LE(at + offset));
    if (file.toString('latin1', at + 46, at + 46 + nameBytes) === `${name}.npy`) {
      const local = file.readUInt32LE(at + 42);
      const data = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
      const bytes = file.subarray(data, data + file.readUInt32LE(at + 20));
      return file.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes;
    }
    at += 46 + nameBytes + extra + comment;
  }
  throw new Error(`${path} has no ${name}`);
}

/** The float32 values of an .npy of version 1. */
export function float32Of(npy: Buffer): Float32Array {
  const start = 10 + npy.readUInt16LE(8);
  return new Float32Array(npy.buffer.slice(npy.byteOffset + start, npy.byteOffset + npy.length));
}
