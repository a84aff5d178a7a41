import type { Kernels } from '../kernel-interface.ts';
import type { ScalarMemory } from './tables.ts';

type ConvertKernels = Pick<
  Kernels,
  | 'hasNaNFloat16'
  | 'hasNaNFloat32'
  | 'lowBits'
  | 'swapBytes16'
  | 'swapBytes32'
  | 'swapBytes64'
  | 'demoteFloat64'
  | 'widenFloat16'
  | 'widenBfloat16'
  | 'narrowToFloat16'
  | 'narrowToCodes'
>;

/** Value of the bits of a float16. */
function valueOfFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}

/** Definition of the conversions, element by element. */
export function scalarConversions(memory: ScalarMemory): ConvertKernels {
  const reverse = (at: number, n: number, bytes: number) => {
    for (let i = 0; i < n; i++) memory.u8.subarray(at + i * bytes, at + (i + 1) * bytes).reverse();
  };
  return {
    hasNaNFloat32(x, n) {
      for (let i = 0; i < n; i++) if (Number.isNaN(memory.f32(x + 4 * i))) return 1;
      return 0;
    },
    lowBits(x, n) {
      let bits = 0;
      for (let i = 0; i < n; i++) bits |= memory.u32(x + 4 * i);
      return bits & 0xffff;
    },
    hasNaNFloat16(x, n) {
      for (let i = 0; i < n; i++) if (Number.isNaN(valueOfFloat16(memory.u16(x + 2 * i)))) return 1;
      return 0;
    },
    swapBytes16: (at, n) => reverse(at, n, 2),
    swapBytes32: (at, n) => reverse(at, n, 4),
    swapBytes64: (at, n) => reverse(at, n, 8),
    demoteFloat64(from, n, to) {
      for (let i = 0; i < n; i++) memory.setF32(to + 4 * i, memory.f64(from + 8 * i));
    },
    widenFloat16(from, n, to) {
      for (let i = 0; i < n; i++) {
        const bits = memory.u16(from + 2 * i);
        const value = valueOfFloat16(bits);
        if (Number.isNaN(value)) memory.setU32(to + 4 * i, bits & 0x8000 ? 0xffc0_0000 : 0x7fc0_0000);
        else memory.setF32(to + 4 * i, value);
      }
    },
    widenBfloat16(from, n, to) {
      for (let i = 0; i < n; i++) memory.setU32(to + 4 * i, memory.u16(from + 2 * i) * 0x1_0000);
    },
    narrowToFloat16(from, n, to) {
      for (let i = 0; i < n; i++) memory.setU16(to + 2 * i, memory.u32(from + 4 * i));
    },
    narrowToCodes(from, n, to) {
      for (let i = 0; i < n; i++) memory.setU8(to + i, memory.u32(from + 4 * i) - 1);
    },
  };
}
