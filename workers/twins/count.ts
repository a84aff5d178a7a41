import type { Address, Kernels } from '../kernel-interface.ts';
import { CELLS, COPIES, COPY, IGNORED, type Pieces, type ScalarMemory, thresholdOf } from './tables.ts';

type CountKernels = Pick<
  Kernels,
  | 'countFloat32'
  | 'countFloat32Negatives'
  | 'countFloat16'
  | 'countFloat16Negatives'
  | 'moveRowsFloat32'
  | 'moveRowsFloat16'
  | 'commitCells'
  | 'commitSplits'
>;

/** Definition of counting: each sample adds 1 to its cell and, above a threshold of that cell, 1 to its piece. */
export function scalarCounting(memory: ScalarMemory): CountKernels {
  const cellEntry = (cells: Address, i: number, code: number, cell: number): Address =>
    cells + 4 * ((i % COPIES) * COPY + code * CELLS + cell);

  const addFloat32 = (
    bits: number,
    i: number,
    code: number,
    amount: number,
    cells: Address,
    splits: Address,
    p: Pieces,
  ) => {
    memory.add(cellEntry(cells, i, code, bits >>> 16), amount);
    const threshold = thresholdOf(memory, p, bits);
    if (code < IGNORED && threshold >= 0) memory.add(splits + 4 * (code * p.count + threshold), amount);
  };

  /** Calls back with each sample that is not negative, and its code. */
  const eachMoved = (classes: Address, rows: number, width: number, visit: (i: number, code: number) => void) => {
    for (let row = 0; row < rows; row++) {
      const label = memory.i32(classes + 4 * row);
      if (label >= 0) visit(row * width + label, 1);
      if (label === -2) for (let i = row * width; i < (row + 1) * width; i++) visit(i, IGNORED);
    }
  };

  return {
    countFloat32(x, codes, n, cells, splits, first, thresholds, count) {
      for (let i = 0; i < n; i++) {
        addFloat32(memory.u32(x + 4 * i), i, memory.u8[codes + i], 1, cells, splits, { first, thresholds, count });
      }
    },
    countFloat32Negatives(x, n, cells, splits, first, thresholds, count) {
      for (let i = 0; i < n; i++) {
        addFloat32(memory.u32(x + 4 * i), i, 0, 1, cells, splits, { first, thresholds, count });
      }
    },
    countFloat16(x, codes, n, cells) {
      for (let i = 0; i < n; i++) memory.add(cellEntry(cells, i, memory.u8[codes + i], memory.u16(x + 2 * i)), 1);
    },
    countFloat16Negatives(x, n, cells) {
      for (let i = 0; i < n; i++) memory.add(cellEntry(cells, i, 0, memory.u16(x + 2 * i)), 1);
    },
    moveRowsFloat32(x, classes, rows, width, cells, splits, first, thresholds, count) {
      eachMoved(classes, rows, width, (i, code) => {
        const bits = memory.u32(x + 4 * i);
        addFloat32(bits, i, 0, -1, cells, splits, { first, thresholds, count });
        addFloat32(bits, i, code, 1, cells, splits, { first, thresholds, count });
      });
    },
    moveRowsFloat16(x, classes, rows, width, cells) {
      eachMoved(classes, rows, width, (i, code) => {
        const cell = memory.u16(x + 2 * i);
        memory.add(cellEntry(cells, i, 0, cell), -1);
        memory.add(cellEntry(cells, i, code, cell), 1);
      });
    },
    commitCells(cells, totals) {
      let ignored = 0n;
      for (let entry = 0; entry < COPY; entry++) {
        let samples = 0n;
        for (let copy = 0; copy < COPIES; copy++) {
          const at = cells + 4 * (copy * COPY + entry);
          samples += BigInt(memory.u32(at) & 0x7fff_ffff);
          memory.setU32(at, memory.u32(at) & 0x8000_0000);
        }
        if (entry >= IGNORED * CELLS) ignored += samples;
        else memory.setU64(totals + 8 * entry, memory.u64(totals + 8 * entry) + samples);
      }
      return ignored;
    },
    commitSplits(splits, totals, n) {
      for (let i = 0; i < n; i++) {
        memory.setU64(totals + 8 * i, memory.u64(totals + 8 * i) + BigInt(memory.u32(splits + 4 * i)));
        memory.setU32(splits + 4 * i, 0);
      }
    },
  };
}
