import { type GhmError, inputError } from '../../errors.ts';
import type { ByteOffset } from '../source.ts';
import { bytesOfType } from './dtypes.ts';
import { JsonCursor } from './json-cursor.ts';
import { LENGTH_BYTES } from './magic.ts';

/** One tensor as its header says, C order, little-endian; its data lie at `[begin, end)` behind the header. */
export interface Tensor {
  readonly key: string;
  /** As written: `F32`, `BF16`. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly begin: ByteOffset;
  readonly end: ByteOffset;
}

const MOST_AXES = 64;

/**
 * Reads the JSON of a .safetensors header: an object of tensors and maybe `__metadata__`, which is passed over.
 *
 * @throws inputError at the first byte that does not fit this form
 */
export function parseSafetensorsHeader(bytes: Uint8Array, name: string): Tensor[] {
  const text = decode(bytes, name);
  const tensors: Tensor[] = [];
  const cursor = new JsonCursor(text, (index, expected, found) => {
    const at = LENGTH_BYTES + Buffer.byteLength(text.slice(0, index));
    return inputError(`${name}: bad safetensors header at byte ${at}: expected ${expected}, found ${found}`);
  });
  cursor.object((key) => {
    if (key === '__metadata__') cursor.object(() => cursor.string());
    else tensors.push(tensorOf(cursor, key, name));
  });
  cursor.end();
  return tensors;
}

function tensorOf(cursor: JsonCursor, key: string, name: string): Tensor {
  let type: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  cursor.object((field) => {
    if (field === 'dtype') type = cursor.string();
    else if (field === 'shape') shape = cursor.integers(MOST_AXES);
    else if (field === 'data_offsets') offsets = cursor.integers(2);
    else throw bad(name, key, "only the fields 'dtype', 'shape' and 'data_offsets'", shown(field));
  });
  const [begin, end] = offsets ?? [];
  if (type === undefined || shape === undefined || begin === undefined || end === undefined)
    throw bad(name, key, "a 'dtype', a 'shape' and two 'data_offsets'", 'less');
  return { key, type, shape, begin, end };
}

/**
 * Sees that the tensors fill the `dataBytes` behind the header one after the other, and each holds what its shape says.
 *
 * @throws inputError naming the first tensor that does not
 */
export function checkOffsets(tensors: readonly Tensor[], dataBytes: number, name: string): void {
  let place = 0;
  let before = 'the header';
  for (const tensor of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const { key, begin, end } = tensor;
    if (end < begin) throw bad(name, key, 'data_offsets in order', `${begin}, ${end}`);
    if (begin !== place) {
      const what = begin < place ? 'overlaps' : 'leaves a hole behind';
      throw inputError(
        `${name}: bad safetensors header: tensor ${shown(key)} ${what} ${before}: expected it to begin at data byte ${place}, found ${begin}`,
      );
    }
    checkSize(tensor, name);
    place = end;
    before = shown(key);
  }
  if (place === dataBytes) return;
  const what = dataBytes < place ? 'truncated' : 'longer than its header says';
  const advice = dataBytes < place ? 'Was it copied or written to the end?' : 'Save the file again';
  throw inputError(
    `${name}: ${what}: expected ${place} bytes of data behind the header, found ${dataBytes}. ${advice}`,
  );
}

function checkSize({ key, type, shape, begin, end }: Tensor, name: string): void {
  const size = bytesOfType(type);
  const elements = shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
  if (size === null || elements * size === end - begin) return;
  throw bad(name, key, `${elements * size} bytes (${type} [${shape.join(', ')}])`, String(end - begin));
}

const shown = (key: string): string => JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}...` : key);

const bad = (name: string, key: string, expected: string, found: string): GhmError =>
  inputError(`${name}: bad safetensors header: tensor ${shown(key)}: expected ${expected}, found ${found}`);

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw inputError(`${name}: bad safetensors header: expected UTF-8 text, found bytes that are not`);
  }
}
