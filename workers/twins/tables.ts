import type { Address } from '../kernel-interface.ts';

/** Sizes of the tables described in `kernels/tables.ts`, in entries. */
export const CELLS = 65_536;
const CODES = 3;
export const COPY = CODES * CELLS;
export const COPIES = 4;
export const IGNORED = 2;

/** Views of one memory as the twins read it: little-endian, element by element. */
export class ScalarMemory {
  readonly u8: Uint8Array;
  private readonly view: DataView;

  constructor(buffer: ArrayBufferLike) {
    this.u8 = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  u16 = (at: Address): number => this.view.getUint16(at, true);
  u32 = (at: Address): number => this.view.getUint32(at, true);
  i32 = (at: Address): number => this.view.getInt32(at, true);
  u64 = (at: Address): bigint => this.view.getBigUint64(at, true);
  f32 = (at: Address): number => this.view.getFloat32(at, true);
  f64 = (at: Address): number => this.view.getFloat64(at, true);
  setU8 = (at: Address, value: number): void => this.view.setUint8(at, value);
  setU16 = (at: Address, value: number): void => this.view.setUint16(at, value, true);
  setU32 = (at: Address, value: number): void => this.view.setUint32(at, value, true);
  setI32 = (at: Address, value: number): void => this.view.setInt32(at, value, true);
  setU64 = (at: Address, value: bigint): void => this.view.setBigUint64(at, value, true);
  setF32 = (at: Address, value: number): void => this.view.setFloat32(at, value, true);

  add(entry: Address, amount: number): void {
    this.setU32(entry, this.u32(entry) + amount);
  }

  /** Label or weight `i` of a `KERNEL_DTYPE`; 64-bit integers come as bigint. */
  element(dtype: number, from: Address, i: number): number | bigint {
    const view = this.view;
    switch (dtype) {
      case 0:
        return view.getUint8(from + i);
      case 1:
        return view.getInt8(from + i);
      case 2:
        return view.getInt16(from + 2 * i, true);
      case 3:
        return view.getUint16(from + 2 * i, true);
      case 4:
        return view.getInt32(from + 4 * i, true);
      case 5:
        return view.getUint32(from + 4 * i, true);
      case 6:
        return view.getBigInt64(from + 8 * i, true);
      case 7:
        return view.getBigUint64(from + 8 * i, true);
      case 9:
        return view.getFloat32(from + 4 * i, true);
      default:
        return view.getFloat64(from + 8 * i, true);
    }
  }
}

/** Where the pieces of float32 cells begin: addresses of `first` u32 [65537] and `thresholds` u32 [count]. */
export interface Pieces {
  readonly first: Address;
  readonly thresholds: Address;
  readonly count: number;
}

/** Number of the threshold at which the piece of `bits` begins, or -1 where it begins with its cell. */
export function thresholdOf(memory: ScalarMemory, pieces: Pieces, bits: number): number {
  const cell = bits >>> 16;
  let found = -1;
  for (let t = memory.u32(pieces.first + 4 * cell); t < memory.u32(pieces.first + 4 * cell + 4); t++) {
    if (bits >= memory.u32(pieces.thresholds + 4 * t)) found = t;
  }
  return found;
}
