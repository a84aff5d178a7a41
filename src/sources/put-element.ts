import { bitsOfFloat16 } from '../density/cell-values.ts';
import type { Dtype } from './source.ts';

function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  return sign | bitsOfFloat16(Math.abs(value));
}

/** Writes single numbers into an array's bytes, little-endian; NaN is 0 among integers. */
export function elementWriter(dtype: Dtype, bytes: Uint8Array): (i: number, value: number) => void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = (value: number) => BigInt(Number.isNaN(value) ? 0 : value);
  switch (dtype) {
    case 'bool':
    case 'uint8':
    case 'int8':
      return (i, value) => view.setUint8(i, value);
    case 'int16':
    case 'uint16':
      return (i, value) => view.setUint16(2 * i, value, true);
    case 'int32':
    case 'uint32':
      return (i, value) => view.setUint32(4 * i, value, true);
    case 'int64':
    case 'uint64':
      return (i, value) => view.setBigInt64(8 * i, whole(value), true);
    case 'float16':
      return (i, value) => view.setUint16(2 * i, halfBits(value), true);
    case 'bfloat16':
      throw new TypeError('bfloat16 is never written');
    case 'float32':
      return (i, value) => view.setFloat32(4 * i, value, true);
    case 'float64':
      return (i, value) => view.setFloat64(8 * i, value, true);
  }
}
