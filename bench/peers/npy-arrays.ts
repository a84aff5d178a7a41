import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { npyHeader, parseNpyHeader } from '../../src/sources/npy/header.ts';

/** An npy file of one axis, read and written in pieces by the peers that have no reader of their own. */
export class NpyArray {
  readonly length: number;
  private readonly fd: number;
  private readonly dataOffset: number;

  private constructor(fd: number, length: number, dataOffset: number) {
    this.fd = fd;
    this.length = length;
    this.dataOffset = dataOffset;
  }

  static open(path: string): NpyArray {
    const fd = openSync(path, 'r');
    const head = new Uint8Array(4096);
    const { shape, dataOffset } = parseNpyHeader(head.subarray(0, readSync(fd, head, 0, head.length, 0)), path);
    return new NpyArray(fd, shape[0] ?? 0, dataOffset);
  }

  /** Makes a float32 array. */
  static create(path: string, length: number): NpyArray {
    const fd = openSync(path, 'w');
    const header = npyHeader([length], 'float32');
    writeSync(fd, header, 0, header.length, 0);
    return new NpyArray(fd, length, header.length);
  }

  /** Fills `into` with the elements from `first` on; returns the part that was filled. */
  read<T extends Float32Array | Uint8Array>(into: T, first = 0): T {
    const n = Math.min(into.length, this.length - first);
    const part = into.subarray(0, n) as T;
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    for (let done = 0; done < bytes.length; ) {
      const most = Math.min(bytes.length - done, 2 ** 30);
      done += readSync(this.fd, bytes, done, most, this.dataOffset + first * into.BYTES_PER_ELEMENT + done);
    }
    return part;
  }

  write(from: Float32Array, first: number): void {
    const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.fd, bytes, done, bytes.length - done, this.dataOffset + 4 * first + done);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** beta = N / (R n), n the regions that hold samples; 0 for those that do not. */
export function betaOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const valid = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? total / (count * valid) : 0));
}
