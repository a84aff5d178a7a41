import type { Address, Kernels } from '../kernel-interface.ts';
import { CELLS, IGNORED, type Pieces, type ScalarMemory, thresholdOf } from './tables.ts';

type WeighKernels = Pick<
  Kernels,
  | 'weighFloat32'
  | 'weighFloat32Negatives'
  | 'weighFloat16'
  | 'weighFloat16Negatives'
  | 'reweighRowsFloat32'
  | 'reweighRowsFloat16'
>;

/** Definition of weighing: the weight of a sample is that of its piece, or of its cell where the piece begins there. */
export function scalarWeighing(memory: ScalarMemory): WeighKernels {
  const weightFloat32 = (bits: number, code: number, beta: Address, betaSplits: Address, p: Pieces): number => {
    const threshold = thresholdOf(memory, p, bits);
    const entry = memory.u32(beta + 4 * (code * CELLS + (bits >>> 16)));
    if (code === IGNORED || entry < 0x8000_0000) return entry;
    return threshold < 0 ? entry - 0x8000_0000 : memory.u32(betaSplits + 4 * (code * p.count + threshold));
  };
  const weightFloat16 = (cell: number, code: number, beta: Address): number =>
    memory.u32(beta + 4 * (code * CELLS + cell));

  return {
    weighFloat32(x, codes, n, beta, betaSplits, first, thresholds, count, _groups, out) {
      const p = { first, thresholds, count };
      for (let i = 0; i < n; i++) {
        memory.setU32(out + 4 * i, weightFloat32(memory.u32(x + 4 * i), memory.u8[codes + i], beta, betaSplits, p));
      }
    },
    weighFloat32Negatives(x, n, beta, betaSplits, first, thresholds, count, _groups, out) {
      const p = { first, thresholds, count };
      for (let i = 0; i < n; i++) {
        memory.setU32(out + 4 * i, weightFloat32(memory.u32(x + 4 * i), 0, beta, betaSplits, p));
      }
    },
    weighFloat16(x, codes, n, beta, out) {
      for (let i = 0; i < n; i++) {
        memory.setU32(out + 4 * i, weightFloat16(memory.u16(x + 2 * i), memory.u8[codes + i], beta));
      }
    },
    weighFloat16Negatives(x, n, beta, out) {
      for (let i = 0; i < n; i++) memory.setU32(out + 4 * i, weightFloat16(memory.u16(x + 2 * i), 0, beta));
    },
    reweighRowsFloat32(x, classes, rows, width, beta, betaSplits, first, thresholds, count, out) {
      const p = { first, thresholds, count };
      for (let row = 0; row < rows; row++) {
        const label = memory.i32(classes + 4 * row);
        const i = row * width + label;
        if (label >= 0) {
          memory.setU32(out + 4 * i, weightFloat32(memory.u32(x + 4 * i), 1, beta, betaSplits, p));
        } else if (label === -2) {
          memory.u8.fill(0, out + 4 * row * width, out + 4 * (row + 1) * width);
        }
      }
    },
    reweighRowsFloat16(x, classes, rows, width, beta, out) {
      for (let row = 0; row < rows; row++) {
        const label = memory.i32(classes + 4 * row);
        const i = row * width + label;
        if (label >= 0) memory.setU32(out + 4 * i, weightFloat16(memory.u16(x + 2 * i), 1, beta));
        else if (label === -2) memory.u8.fill(0, out + 4 * row * width, out + 4 * (row + 1) * width);
      }
    },
  };
}
