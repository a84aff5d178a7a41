import type { Address, Kernels } from '../kernel-interface.ts';
import { CELLS, IGNORED, type Pieces, type ScalarMemory, thresholdOf } from './tables.ts';

type SetKernels = Pick<
  Kernels,
  | 'countSetsFloat32'
  | 'countSetsFloat16'
  | 'moveRowSetsFloat32'
  | 'moveRowSetsFloat16'
  | 'commitSets'
  | 'weighSetsFloat32'
  | 'weighSetsFloat16'
  | 'reweighRowSetsFloat32'
  | 'reweighRowSetsFloat16'
>;

/** What a sample adds to its set: one sample and its loss, in this slot. */
interface Entry {
  readonly slot: number;
  readonly loss: bigint;
}

const MODULUS = 2n ** 64n;

/** Definition of counting and weighing by set: each sample is looked up, and added, by itself. */
export function scalarSets(memory: ScalarMemory): SetKernels {
  /** @param low the low half of a float32; of a float16 0 */
  const decode = (at: Address, low: number): Entry => {
    const upper = memory.u32(at + 4);
    const slope = (upper << 1) >> 16;
    return { slot: upper & 0x7fff, loss: BigInt(memory.u32(at) + Math.floor((slope * low) / 16)) };
  };

  const entryFloat32 = (entries: Address, code: number, x: Address, p: Pieces): Entry => {
    const bits = memory.u32(x);
    const threshold = code === IGNORED ? -1 : thresholdOf(memory, p, bits);
    const low = bits & 0xffff;
    if (threshold < 0) return decode(entries + 8 * (code * CELLS + (bits >>> 16)), low);
    return decode(entries + 8 * (3 * CELLS + code * p.count + threshold), low);
  };
  const entryFloat16 = (entries: Address, code: number, x: Address): Entry =>
    decode(entries + 8 * (code * CELLS + memory.u16(x)), 0);

  /** Set of a sample: that of its row, or its column. */
  const setOf = (rowSets: Address, row: number, column: number): number =>
    rowSets === 0 ? column : memory.u32(rowSets + 4 * row);

  const add = (counters: Address, slots: number, set: number, { slot, loss }: Entry, amount: bigint) => {
    const at = counters + 16 * (set * slots + slot);
    memory.setU64(at, (memory.u64(at) + MODULUS + amount * loss) % MODULUS);
    memory.setU64(at + 8, (memory.u64(at + 8) + MODULUS + amount) % MODULUS);
  };

  const eachSample = (rows: number, width: number, visit: (i: number, row: number, column: number) => void) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < width; column++) visit(row * width + column, row, column);
    }
  };
  const codeOf = (codes: Address, i: number): number => (codes === 0 ? 0 : memory.u8[codes + i]);

  /** Calls back with each sample that is not negative, and its code. */
  const eachMoved = (
    classes: Address,
    rows: number,
    width: number,
    visit: (i: number, row: number, column: number, code: number) => void,
  ) =>
    eachSample(rows, width, (i, row, column) => {
      const label = memory.i32(classes + 4 * row);
      if (label === -2) visit(i, row, column, IGNORED);
      else if (label === column) visit(i, row, column, 1);
    });

  return {
    countSetsFloat32(x, codes, rows, width, rowSets, counters, slots, _copies, entries, first, thresholds, count) {
      const p = { first, thresholds, count };
      eachSample(rows, width, (i, row, column) => {
        const entry = entryFloat32(entries, codeOf(codes, i), x + 4 * i, p);
        add(counters, slots, setOf(rowSets, row, column), entry, 1n);
      });
    },
    countSetsFloat16(x, codes, rows, width, rowSets, counters, slots, _copies, entries) {
      eachSample(rows, width, (i, row, column) => {
        const entry = entryFloat16(entries, codeOf(codes, i), x + 2 * i);
        add(counters, slots, setOf(rowSets, row, column), entry, 1n);
      });
    },
    moveRowSetsFloat32(x, classes, rows, width, rowSets, counters, slots, entries, first, thresholds, count) {
      const p = { first, thresholds, count };
      eachMoved(classes, rows, width, (i, row, column, code) => {
        const set = setOf(rowSets, row, column);
        add(counters, slots, set, entryFloat32(entries, 0, x + 4 * i, p), -1n);
        add(counters, slots, set, entryFloat32(entries, code, x + 4 * i, p), 1n);
      });
    },
    moveRowSetsFloat16(x, classes, rows, width, rowSets, counters, slots, entries) {
      eachMoved(classes, rows, width, (i, row, column, code) => {
        const set = setOf(rowSets, row, column);
        add(counters, slots, set, entryFloat16(entries, 0, x + 2 * i), -1n);
        add(counters, slots, set, entryFloat16(entries, code, x + 2 * i), 1n);
      });
    },
    commitSets(counters, totals, n) {
      for (let at = 0; at < 16 * n; at += 8) {
        memory.setU64(totals + at, (memory.u64(totals + at) + memory.u64(counters + at)) % MODULUS);
        memory.setU64(counters + at, 0n);
      }
    },
    weighSetsFloat32(x, codes, rows, width, rowSets, betas, slots, entries, first, thresholds, count, out) {
      const p = { first, thresholds, count };
      eachSample(rows, width, (i, row, column) => {
        const { slot } = entryFloat32(entries, codeOf(codes, i), x + 4 * i, p);
        memory.setU32(out + 4 * i, memory.u32(betas + 4 * (setOf(rowSets, row, column) * slots + slot)));
      });
    },
    weighSetsFloat16(x, codes, rows, width, rowSets, betas, slots, entries, out) {
      eachSample(rows, width, (i, row, column) => {
        const { slot } = entryFloat16(entries, codeOf(codes, i), x + 2 * i);
        memory.setU32(out + 4 * i, memory.u32(betas + 4 * (setOf(rowSets, row, column) * slots + slot)));
      });
    },
    reweighRowSetsFloat32(x, classes, rows, width, rowSets, betas, slots, entries, first, thresholds, count, out) {
      const p = { first, thresholds, count };
      eachMoved(classes, rows, width, (i, row, column, code) => {
        const { slot } = entryFloat32(entries, code, x + 4 * i, p);
        const weight = memory.u32(betas + 4 * (setOf(rowSets, row, column) * slots + slot));
        memory.setU32(out + 4 * i, code === IGNORED ? 0 : weight);
      });
    },
    reweighRowSetsFloat16(x, classes, rows, width, rowSets, betas, slots, entries, out) {
      eachMoved(classes, rows, width, (i, row, column, code) => {
        const { slot } = entryFloat16(entries, code, x + 2 * i);
        const weight = memory.u32(betas + 4 * (setOf(rowSets, row, column) * slots + slot));
        memory.setU32(out + 4 * i, code === IGNORED ? 0 : weight);
      });
    },
  };
}
