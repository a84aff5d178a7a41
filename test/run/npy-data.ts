import { readFileSync } from 'node:fs';
import type { NpyDtype } from '../../src/sources/npy/descr.ts';
import { DTYPE_BYTES } from '../../src/sources/source.ts';
import { headerText, npyOf } from '../sources/npy-files.ts';

/** Magnitudes of the finite float16, by their bits: exact doubles, ascending. */
const HALVES = Float64Array.from({ length: 0x7c00 }, (_, bits) => {
  const exponent = bits >> 10;
  return exponent === 0 ? (bits & 0x3ff) * 2 ** -24 : (1024 + (bits & 0x3ff)) * 2 ** (exponent - 25);
});

/** Bits of the nearest float16, ties to even. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65_520) return sign + 0x7c00;
  let low = 0;
  let high = HALVES.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (HALVES[middle] <= magnitude) low = middle;
    else high = middle - 1;
  }
  const below = magnitude - HALVES[low];
  const above = (low + 1 < HALVES.length ? HALVES[low + 1] : 65_536) - magnitude;
  return sign + (below > above || (below === above && low % 2 === 1) ? low + 1 : low);
}

/** Value of the bits of a float16. */
export function halfValue(bits: number): number {
  const magnitude = bits & 0x7fff;
  const value = magnitude > 0x7c00 ? Number.NaN : magnitude === 0x7c00 ? Number.POSITIVE_INFINITY : HALVES[magnitude];
  return bits & 0x8000 ? -value : value;
}

const DESCR: Readonly<Record<NpyDtype, string>> = {
  bool: 'b1',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
};

export interface NpyForm {
  readonly bigEndian?: boolean;
  readonly version?: 1 | 2 | 3;
}

function put(view: DataView, dtype: NpyDtype, at: number, value: number, little: boolean): void {
  const whole = () => BigInt(Math.trunc(value));
  const setters: Record<NpyDtype, () => void> = {
    bool: () => view.setUint8(at, value),
    int8: () => view.setInt8(at, value),
    uint8: () => view.setUint8(at, value),
    int16: () => view.setInt16(at, value, little),
    uint16: () => view.setUint16(at, value, little),
    int32: () => view.setInt32(at, value, little),
    uint32: () => view.setUint32(at, value, little),
    int64: () => view.setBigInt64(at, whole(), little),
    uint64: () => view.setBigUint64(at, whole(), little),
    float16: () => view.setUint16(at, halfBits(value), little),
    float32: () => view.setFloat32(at, value, little),
    float64: () => view.setFloat64(at, value, little),
  };
  setters[dtype]();
}

/** An .npy file of these values, written without the code under test. */
export function npy(
  dtype: NpyDtype,
  shape: readonly number[],
  values: ArrayLike<number>,
  form: NpyForm = {},
): Uint8Array {
  const { bigEndian = false, version = 1 } = form;
  const bytes = DTYPE_BYTES[dtype];
  const order = bytes === 1 ? '|' : bigEndian ? '>' : '<';
  const axes = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const head = npyOf(headerText(`${order}${DESCR[dtype]}`, axes), 0, version);
  const file = new Uint8Array(head.length + bytes * values.length);
  file.set(head);
  const view = new DataView(file.buffer, head.length);
  for (let i = 0; i < values.length; i++) put(view, dtype, i * bytes, values[i], !bigEndian);
  return file;
}

/** One little-endian float array as the tool writes it. */
export interface FloatArray {
  readonly header: string;
  readonly shape: readonly number[];
  readonly values: number[];
}

/** Reads an .npy of version 1 and dtype `<f4` or `<f2`. */
export function readFloats(path: string): FloatArray {
  const file = readFileSync(path);
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, start);
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').filter((text) => text.trim() !== '');
  const half = header.includes("'<f2'");
  const values: number[] = [];
  for (let at = start; at < file.length; at += half ? 2 : 4) {
    values.push(half ? halfValue(file.readUInt16LE(at)) : file.readFloatLE(at));
  }
  return { header, shape: shape.map(Number), values };
}
