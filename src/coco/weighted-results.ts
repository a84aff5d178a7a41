import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { runError } from '../errors.ts';
import { elementReader } from '../sources/elements.ts';
import { DTYPE_BYTES, type Dtype, type FileIdentity } from '../sources/source.ts';
import { type Breath, eachElement } from './json-array.ts';
import { JsonReader } from './json-reader.ts';
import { isSpace } from './json-value-end.ts';
import { LEFT_OUT, MATCHED } from './matched-arrays.ts';
import { type RecordWriter, readRecords } from './records.ts';
import { NORM_KEY, WEIGHT_KEY } from './results.ts';

/** A file with one weight a detection from byte `dataOffset` on. */
interface WeightsFile {
  readonly path: string;
  readonly dataOffset: number;
  readonly dtype: Dtype;
  /** The weight that a number of the file stands for. */
  readonly weightOf: (value: number) => number;
}

/** What is added to the entries. */
export interface Additions {
  readonly weights: WeightsFile;
  readonly scores: RecordWriter;
  readonly labels: Int8Array;
}

/**
 * Writes the results again, one entry a line, each with its weight and its gradient norm |p - p*| (null where it was left
 * out and there is no p*). All that was in an entry stays as it was spelled.
 *
 * @param results as they were when they were read
 * @returns the size and the CRC-32 of what was written to `path`
 * @throws inputError where the results changed meanwhile; runError where the disk fails
 */
export async function writeWeightedResults(
  path: string,
  results: { readonly path: string; readonly name: string; readonly identity: FileIdentity },
  { weights, scores, labels }: Additions,
  breathe: Breath,
): Promise<{ readonly bytes: number; readonly crc32: number }> {
  const reader = new JsonReader(results.path, results.name);
  const out = new Output(path);
  const weightOfEntry = weightsOf(weights);
  const scoreOfEntry = readRecords(scores);
  try {
    reader.checkUnchanged(results.identity);
    reader.peek();
    out.write(Buffer.from('[\n'));
    await eachElement(
      reader,
      'entry',
      (bytes, entry) => {
        const [score] = nextOf(scoreOfEntry);
        const norm = labels[entry] === LEFT_OUT ? null : labels[entry] === MATCHED ? 1 - score : score;
        const end = endOfMembers(bytes);
        if (entry > 0) out.write(Buffer.from(',\n'));
        out.write(bytes.subarray(0, end));
        out.write(Buffer.from(`, "${WEIGHT_KEY}": ${nextOf(weightOfEntry)}, "${NORM_KEY}": ${norm}`));
        out.write(bytes.subarray(end));
      },
      breathe,
    );
    out.write(Buffer.from('\n]\n'));
    reader.checkUnchanged();
    return out.finish();
  } finally {
    scoreOfEntry.return(undefined);
    weightOfEntry.return(undefined);
    reader.close();
    out.close();
  }
}

/** The next value of a generator that has one for every entry. */
function nextOf<T>(values: Iterator<T>): T {
  const { value, done } = values.next();
  if (done) throw runError('there are fewer weights than entries; were temporary files removed during the run?');
  return value;
}

/** Behind the last member of an object. */
function endOfMembers(bytes: Buffer): number {
  let end = bytes.length - 1;
  while (isSpace(bytes[end - 1])) end--;
  return end;
}

const CHUNK = 1 << 14;

/** The weights in order, as texts. */
function* weightsOf({ path, dataOffset, dtype, weightOf }: WeightsFile): Generator<string> {
  const bytes = new Uint8Array(CHUNK * DTYPE_BYTES[dtype]);
  const valueAt = elementReader({ dtype, bigEndian: false }, bytes);
  const texts = new Map<number, string>();
  const file = openSync(path, 'r');
  try {
    for (let at = dataOffset; ; ) {
      const read = readSync(file, bytes, 0, bytes.length, at);
      if (read === 0) return;
      const count = Math.floor(read / DTYPE_BYTES[dtype]);
      at += count * DTYPE_BYTES[dtype];
      for (let i = 0; i < count; i++) {
        const value = valueAt(i);
        // there are few different ones
        const text = texts.get(value) ?? float32Text(weightOf(value));
        if (texts.size < CHUNK) texts.set(value, text);
        yield text;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** The shortest decimal that reads back as this float32. */
export function float32Text(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** A file written from begin to end through a buffer. */
class Output {
  private readonly file: number;
  private readonly buffer = Buffer.allocUnsafe(1 << 20);
  private used = 0;
  private bytes = 0;
  private crc = 0;

  constructor(path: string) {
    try {
      this.file = openSync(path, 'wx');
    } catch (error) {
      throw failed(error);
    }
  }

  write(bytes: Buffer): void {
    if (this.used + bytes.length > this.buffer.length) this.flush();
    if (bytes.length > this.buffer.length) {
      this.put(bytes);
      return;
    }
    bytes.copy(this.buffer, this.used);
    this.used += bytes.length;
  }

  finish(): { readonly bytes: number; readonly crc32: number } {
    this.flush();
    return { bytes: this.bytes, crc32: this.crc };
  }

  close(): void {
    closeSync(this.file);
  }

  private flush(): void {
    this.put(this.buffer.subarray(0, this.used));
    this.used = 0;
  }

  private put(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
    } catch (error) {
      throw failed(error);
    }
    this.bytes += bytes.length;
    this.crc = crc32(bytes, this.crc);
  }
}

const failed = (error: unknown): Error =>
  runError(`writing the results failed (${error instanceof Error ? error.message : String(error)})`, error);
