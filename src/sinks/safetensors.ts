import { DTYPE_BYTES, type Dtype } from '../sources/source.ts';
import type { OutputArray, RawFrame } from './raw-frame.ts';

const DTYPE_NAMES: Readonly<Record<Dtype, string>> = {
  bool: 'BOOL',
  int8: 'I8',
  uint8: 'U8',
  int16: 'I16',
  uint16: 'U16',
  int32: 'I32',
  uint32: 'U32',
  int64: 'I64',
  uint64: 'U64',
  float16: 'F16',
  bfloat16: 'BF16',
  float32: 'F32',
  float64: 'F64',
};
const LENGTH_BYTES = 8;
const ALIGNMENT = 64;

/** A `.safetensors` file of one tensor: a u64 length, as many bytes of JSON, blank to a multiple of 64, then the rows. */
export function safetensorsFrame({ name, dtype, shape }: OutputArray): RawFrame {
  const bytes = shape.reduce((product, length) => product * length, DTYPE_BYTES[dtype]);
  const json = JSON.stringify({ [name]: { dtype: DTYPE_NAMES[dtype], shape, data_offsets: [0, bytes] } });
  const text = Buffer.from(json);
  const end = Math.ceil((LENGTH_BYTES + text.length) / ALIGNMENT) * ALIGNMENT;
  const head = new Uint8Array(end).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(end - LENGTH_BYTES), true);
  head.set(text, LENGTH_BYTES);
  return { head, tail: new Uint8Array(0) };
}
