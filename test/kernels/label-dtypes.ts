import { KERNEL_DTYPE } from '../../workers/kernel-interface.ts';

interface LabelDtype {
  readonly code: number;
  readonly bytes: number;
  readonly lowest: number;
  /** Largest that a double holds, for 64-bit integers. */
  readonly highest: number;
  readonly set: (view: DataView, at: number, value: number) => void;
}

const integer = (
  code: number,
  bytes: number,
  signed: boolean,
  set: (view: DataView, at: number, value: number) => void,
): LabelDtype => ({
  code,
  bytes,
  lowest: signed ? -(2 ** Math.min(53, 8 * bytes - 1)) : 0,
  highest: 2 ** Math.min(53, 8 * bytes - (signed ? 1 : 0)) - 1,
  set,
});

/** The dtypes of `KERNEL_DTYPE`, with how an element is written. */
export const INTEGERS = {
  bool: integer(KERNEL_DTYPE.bool, 1, false, (view, at, value) => view.setUint8(at, value)),
  uint8: integer(KERNEL_DTYPE.uint8, 1, false, (view, at, value) => view.setUint8(at, value)),
  int8: integer(KERNEL_DTYPE.int8, 1, true, (view, at, value) => view.setInt8(at, value)),
  int16: integer(KERNEL_DTYPE.int16, 2, true, (view, at, value) => view.setInt16(at, value, true)),
  uint16: integer(KERNEL_DTYPE.uint16, 2, false, (view, at, value) => view.setUint16(at, value, true)),
  int32: integer(KERNEL_DTYPE.int32, 4, true, (view, at, value) => view.setInt32(at, value, true)),
  uint32: integer(KERNEL_DTYPE.uint32, 4, false, (view, at, value) => view.setUint32(at, value, true)),
  int64: integer(KERNEL_DTYPE.int64, 8, true, (view, at, value) => view.setBigInt64(at, BigInt(value), true)),
  uint64: integer(KERNEL_DTYPE.uint64, 8, false, (view, at, value) => view.setBigUint64(at, BigInt(value), true)),
} as const;

export const FLOATS = {
  float32: {
    code: KERNEL_DTYPE.float32,
    bytes: 4,
    lowest: -(2 ** 24),
    highest: 2 ** 24,
    set: (view: DataView, at: number, value: number) => view.setFloat32(at, value, true),
  },
  float64: {
    code: KERNEL_DTYPE.float64,
    bytes: 8,
    lowest: -(2 ** 53),
    highest: 2 ** 53,
    set: (view: DataView, at: number, value: number) => view.setFloat64(at, value, true),
  },
} as const;

export const ALL = { ...INTEGERS, ...FLOATS } as const;
export type IntegerName = keyof typeof INTEGERS;
export type DtypeName = keyof typeof ALL;
export const INTEGER_NAMES = Object.keys(INTEGERS) as IntegerName[];
export const DTYPE_NAMES = Object.keys(ALL) as DtypeName[];
