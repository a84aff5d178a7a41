import type { ByteOffset } from '../sources/source.ts';
import { END, type JsonReader } from './json-reader.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA } from './json-value-end.ts';

const BREATH_BYTES = 1 << 22;

/** Called every few MiB: lets the event loop turn, tells progress, and throws to end the reading. */
export type Breath = (elements: number) => Promise<void>;

/** One element of an array: its bytes, there until the callback returns, its index and where it begins. */
export type UseElement = (bytes: Buffer, index: number, at: ByteOffset) => void;

/**
 * Walks over the array whose `[` the reader is at.
 *
 * @param noun what an element is, for messages
 * @returns how many elements there were
 * @throws inputError where the array is no array to its end, and what `use` and `breathe` throw
 */
export async function eachElement(reader: JsonReader, noun: string, use: UseElement, breathe: Breath): Promise<number> {
  reader.take();
  if (reader.peek() === CLOSE_ARRAY) {
    reader.take();
    return 0;
  }
  let breath = reader.position;
  for (let index = 0; ; ) {
    checkBegins(reader, `${noun} ${index}`);
    const at = reader.position;
    use(
      reader.value(() => `${noun} ${index}`),
      index,
      at,
    );
    index++;
    const byte = reader.peek();
    if (byte !== COMMA && byte !== CLOSE_ARRAY) throw reader.unexpected(`"," or "]" behind ${noun} ${index - 1}`);
    reader.take();
    if (byte === CLOSE_ARRAY) return index;
    if (reader.position - breath > BREATH_BYTES) {
      breath = reader.position;
      await breathe(index);
    }
  }
}

/** @throws inputError where no value begins here */
export function checkBegins(reader: JsonReader, what: string): void {
  const byte = reader.peek();
  if (byte === END || byte === COMMA || byte === COLON || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
    throw reader.unexpected(what);
  }
}

/** @throws inputError where anything but white space follows */
export function checkEnds(reader: JsonReader): void {
  if (reader.peek() !== END) throw reader.unexpected('nothing more');
}
