import { DTYPE_BYTES, type Dtype } from '../source.ts';

const DTYPE_OF: ReadonlyMap<string, Dtype> = new Map([
  ['BOOL', 'bool'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['I16', 'int16'],
  ['U16', 'uint16'],
  ['I32', 'int32'],
  ['U32', 'uint32'],
  ['I64', 'int64'],
  ['U64', 'uint64'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
]);

/** Types that a file may hold beside what is read. */
const OTHER_BYTES: ReadonlyMap<string, number> = new Map([
  ['F8_E5M2', 1],
  ['F8_E4M3', 1],
  ['F8_E8M0', 1],
  ['C64', 8],
]);

/** Types whose tensors can be read. */
export const READABLE_TYPES: readonly string[] = [...DTYPE_OF.keys()];

/** `null` for a type that is not read. */
export const dtypeOfType = (type: string): Dtype | null => DTYPE_OF.get(type) ?? null;

/** Bytes of one element; `null` where that is not known. */
export function bytesOfType(type: string): number | null {
  const dtype = DTYPE_OF.get(type);
  return dtype === undefined ? (OTHER_BYTES.get(type) ?? null) : DTYPE_BYTES[dtype];
}
