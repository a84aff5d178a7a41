import type { Address, Kernels } from '../kernel-interface.ts';
import { expOfNegative, logOfDouble, logOfOnePlus } from './exponential.ts';
import { type ScalarMemory, thresholdOf } from './tables.ts';

type DerivedKernels = Pick<
  Kernels,
  | 'softmaxMargins'
  | 'distancesOfFloat32'
  | 'distancesOfFloat64'
  | 'softTargets'
  | 'softNorms'
  | 'sumSoftLosses'
  | 'commitSums'
>;

const f = Math.fround;
const UNIT = 2 ** -32;
const UNIT_CELLS = 0x3f81;

/** Definition of the numbers that are counted where it is not the logits, step by step as the kernels round. */
export function scalarDerived(memory: ScalarMemory): DerivedKernels {
  const { u8, f32, f64, setF32 } = memory;
  return {
    softmaxMargins(x, classes, rows, width, to, codes) {
      for (let row = 0; row < rows; row++) {
        const label = memory.i32(classes + 4 * row);
        memory.setU8(codes + row, label < 0 ? 2 : 0);
        setF32(to + 4 * row, label < 0 ? 0 : marginOf(memory, x + 4 * row * width, label, width));
      }
    },
    distancesOfFloat32(a, b, n, to) {
      for (let i = 0; i < n; i++) setF32(to + 4 * i, Math.abs(f32(a + 4 * i) - f32(b + 4 * i)));
    },
    distancesOfFloat64(a, aBytes, b, bBytes, n, to) {
      const read = (at: Address, bytes: number, i: number) => (bytes === 8 ? f64(at + 8 * i) : f32(at + 4 * i));
      for (let i = 0; i < n; i++) setF32(to + 4 * i, Math.abs(read(a, aBytes, i) - read(b, bBytes, i)));
    },
    softTargets(dtype, from, n, ignoreLabel, to, codes) {
      let bad = -1;
      for (let i = 0; i < n; i++) {
        const label = Number(memory.element(dtype, from, i));
        const ignored = label === ignoreLabel;
        if (bad < 0 && !ignored && !(label >= 0 && label <= 1)) bad = i;
        memory.setU8(codes + i, ignored ? 2 : 0);
        setF32(to + 4 * i, ignored ? 0 : label);
      }
      return bad;
    },
    softNorms(x, t, n, loss) {
      for (let i = 0; i < Math.ceil(n / 4) * 4; i++) {
        const { g, ce } = softNorm(f32(x + 4 * i), f32(t + 4 * i));
        setF32(loss + 4 * i, ce);
        setF32(x + 4 * i, g);
      }
    },
    sumSoftLosses(g, t, loss, codes, n, first, thresholds, sums, infinite) {
      for (let i = 0; i < n; i++) {
        const bits = memory.u32(g + 4 * i);
        if (u8[codes + i] !== 0 || Number.isNaN(f32(g + 4 * i))) continue;
        const value = f32(loss + 4 * i);
        if (!(value < 2 ** 31)) {
          memory.setU64(infinite, memory.u64(infinite) + 1n);
          continue;
        }
        const threshold = thresholdOf(memory, { first, thresholds, count: 0 }, bits);
        const entry = sums + 32 * (threshold < 0 ? bits >>> 16 : UNIT_CELLS + threshold);
        addUnits(memory, entry, value);
        addUnits(memory, entry + 16, value * f32(t + 4 * i));
      }
    },
    commitSums(from, to, n) {
      for (let i = 0; i < 16 * n; i += 16) {
        const low = memory.u64(to + i) + memory.u64(from + i);
        const high = memory.u64(to + i + 8) + memory.u64(from + i + 8);
        memory.setU64(to + i, low & 0xffff_ffffn);
        memory.setU64(to + i + 8, high + (low >> 32n));
        memory.setU64(from + i, 0n);
        memory.setU64(from + i + 8, 0n);
      }
    },
  };
}

function marginOf(memory: ScalarMemory, row: Address, label: number, width: number): number {
  const logit = memory.f32(row + 4 * label);
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < width; k++) if (k !== label) largest = Math.max(largest, memory.f32(row + 4 * k));
  if (Math.abs(largest) === Number.POSITIVE_INFINITY) return largest - logit;
  // four sums, of every fourth class
  const sums = [0, 0, 0, 0];
  for (let k = 0; k < width; k++) {
    sums[k % 4] += k === label ? 0 : expOfNegative(f(memory.f32(row + 4 * k) - largest));
  }
  return largest - logit + logOfDouble(sums[0] + sums[2] + (sums[1] + sums[3]));
}

/** g and the cross-entropy of one sample. */
function softNorm(x: number, t: number): { readonly g: number; readonly ce: number } {
  const e = expOfNegative(-Math.abs(x));
  const large = f(1 / f(1 + e));
  const small = f(e * large);
  const [p, q] = x > 0 ? [large, small] : [small, large];
  const opposite = f(1 - t);
  const g = Math.abs(t > 0.5 ? f(q - opposite) : f(p - t));
  const share = x > 0 ? opposite : t;
  const wrong = share === 0 ? 0 : f(Math.abs(x) * share);
  return { g, ce: f(wrong + logOfOnePlus(e)) };
}

function addUnits(memory: ScalarMemory, entry: Address, value: number): void {
  const scaled = value / UNIT;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  // ties to even, as the processor rounds
  const units = BigInt(floor) + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1n : 0n);
  memory.setU64(entry, memory.u64(entry) + (units & 0xffff_ffffn));
  memory.setU64(entry + 8, memory.u64(entry + 8) + (units >> 32n));
}
