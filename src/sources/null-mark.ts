import { inputError } from '../errors.ts';
import { elementWriter } from './put-element.ts';
import { type ArraySource, type BlockArray, DTYPE_BYTES } from './source.ts';

// A null among floats lies in memory as a NaN of bits that no computation gives, until whoever counts takes it out. So a
// null is told from a NaN that the file holds, and costs nothing where there is none.

const HALF = 0x7e9b;
const SINGLE = 0x7fe6_8d2b;
/** Low and high word. */
const DOUBLE = [0x5e81_946f, 0x7ffc_d1a3] as const;

/** The array, with its nulls read as that. */
export const nullsAs = (source: ArraySource, nullAs: BlockArray['nullAs']): ArraySource =>
  source.kind === 'blocks' ? { ...source, nullAs } : source;

type Nullable = Pick<BlockArray, 'dtype' | 'nullAs' | 'name'>;

/**
 * Writes what a null of the array is read as in place of single elements of `bytes`; a mark among integers is 0.
 *
 * @returns to be told of each null; throws inputError there where the array has to be without
 */
export function nullWriter({ dtype, nullAs, name }: Nullable, bytes: Uint8Array): (i: number) => void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (nullAs === 'mark') {
    if (dtype === 'float16') return (i) => view.setUint16(2 * i, HALF, true);
    if (dtype === 'float32') return (i) => view.setUint32(4 * i, SINGLE, true);
    if (dtype === 'float64') {
      return (i) => {
        view.setUint32(8 * i, DOUBLE[0], true);
        view.setUint32(8 * i + 4, DOUBLE[1], true);
      };
    }
  }
  if (nullAs === 'refuse') {
    return () => {
      throw inputError(`${name}: expected an integer in every row, found a null; fill the nulls first`);
    };
  }
  const put = elementWriter(dtype, bytes);
  const value = nullAs === 'mark' ? 0 : nullAs;
  return (i) => put(i, value);
}

/** Numbers of the marked elements, ascending. `bytes` begin at a multiple of an element, or of 4 bytes. */
export function markedNulls({ dtype }: Pick<Nullable, 'dtype'>, bytes: Uint8Array): number[] {
  const { buffer, byteOffset, byteLength } = bytes;
  const nulls: number[] = [];
  const count = byteLength / DTYPE_BYTES[dtype];
  if (dtype === 'float16') {
    const halves = new Uint16Array(buffer, byteOffset, count);
    for (let i = 0; i < count; i++) if (halves[i] === HALF) nulls.push(i);
  } else if (dtype === 'float32') {
    const singles = new Uint32Array(buffer, byteOffset, count);
    for (let i = 0; i < count; i++) if (singles[i] === SINGLE) nulls.push(i);
  } else if (dtype === 'float64') {
    const words = new Uint32Array(buffer, byteOffset, 2 * count);
    for (let i = 0; i < count; i++) {
      if (words[2 * i + 1] === DOUBLE[1] && words[2 * i] === DOUBLE[0]) nulls.push(i);
    }
  }
  return nulls;
}

/** Numbers of the marked elements, which become 0. */
export function takeNulls(array: Pick<Nullable, 'dtype'>, bytes: Uint8Array): readonly number[] {
  const nulls = markedNulls(array, bytes);
  const size = DTYPE_BYTES[array.dtype];
  for (const i of nulls) bytes.fill(0, size * i, size * (i + 1));
  return nulls;
}
