import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import { runError } from '../errors.ts';

const BUFFER_BYTES = 1 << 16;

/** Writes records of `width` doubles one behind the other into a file of the run's own. */
export class RecordWriter {
  readonly path: string;
  readonly width: number;
  private readonly values: Float64Array;
  private used = 0;
  private flushed = 0;

  constructor(path: string, width: number) {
    this.path = path;
    this.width = width;
    this.values = new Float64Array(width * Math.floor(BUFFER_BYTES / (8 * width)));
  }

  /** @throws runError where the disk fails */
  add(...record: readonly number[]): void {
    for (const value of record) this.values[this.used++] = value;
    if (this.used === this.values.length) this.flush();
  }

  /** How many were added. */
  get records(): number {
    return (this.flushed + this.used) / this.width;
  }

  /** The file is whole afterwards, and there, if empty. */
  flush(): void {
    try {
      appendFileSync(this.path, new Uint8Array(this.values.buffer, 0, 8 * this.used));
    } catch (error) {
      throw runError(`a temporary file cannot be written (${error instanceof Error ? error.message : error})`, error);
    }
    this.flushed += this.used;
    this.used = 0;
  }
}

/** The records of a flushed file, in order, each in an array that is used again for the next. */
export function* readRecords({ path, width }: Pick<RecordWriter, 'path' | 'width'>): Generator<Float64Array> {
  const values = new Float64Array(width * Math.floor(BUFFER_BYTES / (8 * width)));
  const bytes = new Uint8Array(values.buffer);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      let length = 0;
      for (let read = 1; read > 0 && length < bytes.length; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, null);
      }
      for (let at = 0; at < length / 8; at += width) yield values.subarray(at, at + width);
      if (length < bytes.length) return;
    }
  } finally {
    closeSync(file);
  }
}

/** Records spread over files by a number, so that those of one number lie in one file, in order. */
export class Buckets {
  readonly files: readonly RecordWriter[];

  constructor(prefix: string, count: number, width: number) {
    this.files = Array.from({ length: count }, (_, i) => new RecordWriter(`${prefix}-${i}.f64`, width));
  }

  /** @param by an integer, of any sign */
  add(by: number, ...record: readonly number[]): void {
    const count = this.files.length;
    this.files[((by % count) + count) % count].add(...record);
  }

  flush(): void {
    for (const file of this.files) file.flush();
  }
}
