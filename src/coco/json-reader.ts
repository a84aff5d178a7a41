import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inputError } from '../errors.ts';
import { cannotRead, identityFromStats, isSameFile, statInputFile } from '../sources/identity.ts';
import type { ByteOffset, FileIdentity } from '../sources/source.ts';
import { GOES_ON, isSpace, MOST_DEPTH, TOO_DEEP, ValueEnd } from './json-value-end.ts';

const CHUNK_BYTES = 1 << 20;
/** More than any detection or annotation needs, polygons and masks included. */
const MOST_VALUE_BYTES = 1 << 24;

/** In place of a byte, where there are no more. */
export const END = -1;

/** What a value is of its file, for messages: `entry 5`. */
type Place = () => string;

/**
 * Walks over a JSON file of any size, value by value, in bounded memory: one chunk, or the longest value that is asked for
 * whole.
 */
export class JsonReader {
  readonly path: string;
  /** As the user wrote it, for messages. */
  readonly name: string;
  readonly identity: FileIdentity;
  private readonly file: number;
  private bytes: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  /** The unread bytes are `bytes[start, end)`. */
  private start = 0;
  private end = 0;
  /** Where `bytes[0]` is in the file. */
  private base: ByteOffset = 0;

  /** @throws inputError where the file is missing, empty, a folder, a pipe or unreadable */
  constructor(path: string, name: string) {
    this.path = path;
    this.name = name;
    statInputFile(path, name, 'a JSON file');
    try {
      this.file = openSync(path, 'r');
    } catch (error) {
      throw cannotRead(error, name);
    }
    this.identity = identityFromStats(fstatSync(this.file));
  }

  close(): void {
    closeSync(this.file);
  }

  /** @throws inputError where the file is not what it was */
  checkUnchanged(since: FileIdentity = this.identity): void {
    if (isSameFile(fstatSync(this.file), since)) return;
    throw inputError(`${this.name}: the file changed during the run; run again when nothing writes to it`);
  }

  /** Of the next byte. */
  get position(): ByteOffset {
    return this.base + this.start;
  }

  /** The next byte that is no white space, not taken yet; `END` behind the last. */
  peek(): number {
    do {
      while (this.start < this.end) {
        const byte = this.bytes[this.start];
        if (!isSpace(byte)) return byte;
        this.start++;
      }
    } while (this.fill());
    return END;
  }

  /** Takes the byte that `peek` told. */
  take(): void {
    this.start++;
  }

  /** Up to `length` of the next bytes, not taken. */
  ahead(length: number): Buffer {
    while (this.end - this.start < length && this.fill());
    return this.bytes.subarray(this.start, Math.min(this.end, this.start + length));
  }

  /**
   * Takes the value that begins at the byte that `peek` told.
   *
   * @returns its bytes, which are there until the next call
   * @throws inputError where the file ends within the value, or it is longer than 16 MiB or nested deeper than 1000
   */
  value(place: Place): Buffer {
    const from = this.position;
    const finder = new ValueEnd();
    let seen = this.start;
    for (;;) {
      const found = finder.find(this.bytes, seen, this.end);
      if (found === TOO_DEEP) throw this.tooDeep(place(), from);
      if (found !== GOES_ON) return this.takeUpTo(found);
      const length = this.end - this.start;
      if (length > MOST_VALUE_BYTES) throw this.tooLong(place(), from);
      if (!this.fill()) return this.takeLast(finder, place);
      // the fill may have moved it
      seen = this.start + length;
    }
  }

  /** Takes a value of any length without looking into it. @throws as `value`, but for the length */
  skip(place: Place): void {
    const from = this.position;
    const finder = new ValueEnd();
    for (;;) {
      const found = finder.find(this.bytes, this.start, this.end);
      if (found === TOO_DEEP) throw this.tooDeep(place(), from);
      if (found !== GOES_ON) {
        this.start = found;
        return;
      }
      this.start = this.end;
      if (!this.fill()) {
        this.takeLast(finder, place);
        return;
      }
    }
  }

  /** An error at the next byte. */
  unexpected(expected: string): Error {
    const [byte] = this.ahead(1);
    const at = `${this.name}, byte ${this.position}`;
    if (byte === undefined)
      return inputError(`${at}: the file ends here; expected ${expected}. Was it copied or written to the end?`);
    const found = JSON.stringify(this.ahead(20).toString('latin1'));
    return inputError(`${at}: not JSON: expected ${expected}, found ${found}`);
  }

  private takeUpTo(end: number): Buffer {
    const bytes = this.bytes.subarray(this.start, end);
    this.start = end;
    return bytes;
  }

  /** A number or a word may end with the file. */
  private takeLast(finder: ValueEnd, place: Place): Buffer {
    if (finder.isWholeAtEnd) return this.takeUpTo(this.end);
    throw inputError(
      `${this.name}: the file ends at byte ${this.identity.size} within ${place()}. Was it copied or written to the end?`,
    );
  }

  private tooDeep(place: string, from: ByteOffset): Error {
    return inputError(
      `${this.name}, ${place} (byte ${from}): brackets are nested more than ${MOST_DEPTH} deep; expected COCO data`,
    );
  }

  private tooLong(place: string, from: ByteOffset): Error {
    return inputError(
      `${this.name}, ${place} (byte ${from}): goes on for more than ${MOST_VALUE_BYTES} bytes; expected one small object`,
    );
  }

  /** Reads on, behind the unread bytes. False at the end of the file. */
  private fill(): boolean {
    const unread = this.end - this.start;
    if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else if (this.end === this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.bytes.length);
      this.bytes.copy(larger, 0, 0, this.end);
      this.bytes = larger;
    }
    this.base += this.start;
    this.start = 0;
    this.end = unread;
    let read: number;
    try {
      read = readSync(this.file, this.bytes, this.end, this.bytes.length - this.end, this.base + this.end);
    } catch (error) {
      throw cannotRead(error, this.name);
    }
    this.end += read;
    return read > 0;
  }
}
