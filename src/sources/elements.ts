import { float16OfBits, float32OfBits } from '../density/cell-values.ts';
import { type ArraySource, DTYPE_BYTES } from './source.ts';

/** Reads single elements of an array's bytes as numbers; 64-bit integers are rounded to doubles. */
export function elementReader(
  { dtype, bigEndian }: Pick<ArraySource, 'dtype' | 'bigEndian'>,
  bytes: Uint8Array,
): (i: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !bigEndian;
  const size = DTYPE_BYTES[dtype];
  // halves of a 64-bit integer: a BigInt for each would be a million objects
  const high = little ? 4 : 0;
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return (i) => view.getUint8(i);
    case 'int8':
      return (i) => view.getInt8(i);
    case 'int16':
      return (i) => view.getInt16(size * i, little);
    case 'uint16':
      return (i) => view.getUint16(size * i, little);
    case 'int32':
      return (i) => view.getInt32(size * i, little);
    case 'uint32':
      return (i) => view.getUint32(size * i, little);
    case 'int64':
      return (i) =>
        view.getInt32(size * i + high, little) * 0x1_0000_0000 + view.getUint32(size * i + 4 - high, little);
    case 'uint64':
      return (i) =>
        view.getUint32(size * i + high, little) * 0x1_0000_0000 + view.getUint32(size * i + 4 - high, little);
    case 'float16':
      return (i) => float16OfBits(view.getUint16(size * i, little));
    case 'bfloat16':
      return (i) => float32OfBits(view.getUint16(size * i, little) * 0x1_0000);
    case 'float32':
      return (i) => view.getFloat32(size * i, little);
    case 'float64':
      return (i) => view.getFloat64(size * i, little);
  }
}
