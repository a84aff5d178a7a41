import type { Address, Kernels } from '../kernel-interface.ts';
import { IGNORED, type ScalarMemory } from './tables.ts';

type FineKernels = Pick<
  Kernels,
  'countFine' | 'countFineNegatives' | 'moveRowsFine' | 'weighWindow' | 'weighWindowNegatives' | 'reweighRowsWindow'
>;

const SIGN = 0x8000_0000;
const INFINITY_BITS = 0x7f80_0000;

/** How fine cells lie; see `kernels/fine.ts`. */
interface FineShape {
  readonly shift: number;
  readonly lowest: number;
  readonly limit: number;
  readonly stride: number;
}

interface Weights {
  readonly table: Address;
  readonly shift: number;
  readonly places: Address;
  readonly weights: Address;
  readonly pieces: number;
}

const flipped = (bits: number): number => (bits ^ SIGN) >>> 0;

/** Definition: the top bits of z find a sample's entry; where that of a weight is cut, the sample's piece has it. */
export function scalarFineCells(memory: ScalarMemory): FineKernels {
  const add = (bits: number, amount: number, counts: Address, { shift, lowest, limit, stride }: FineShape): void => {
    const cell = ((bits & 0x7fff_ffff) >>> shift) - lowest;
    const entry = cell >= 0 && cell < limit ? cell : limit;
    memory.add(counts + 4 * (bits >= SIGN ? stride + entry : entry), amount);
  };

  const pieceWeight = (bits: number, w: Weights): number => {
    if ((bits & 0x7fff_ffff) > INFINITY_BITS) return 0;
    const place = bits >= SIGN ? 0xffff_ffff - bits : bits + SIGN;
    let piece = 0;
    while (piece + 1 < w.pieces && memory.u32(w.places + 4 * (piece + 1)) <= place) piece++;
    return memory.u32(w.weights + 4 * piece);
  };
  const weightOf = (bits: number, w: Weights): number => {
    const entry = memory.u32(w.table + 4 * (bits >>> w.shift));
    return entry >= SIGN ? pieceWeight(bits, w) : entry;
  };

  return {
    countFine(x, codes, n, counts, shift, lowest, limit, stride) {
      for (let i = 0; i < n; i++) {
        const code = memory.u8[codes + i];
        const bits = memory.u32(x + 4 * i);
        const z = code === IGNORED ? 0xffff_ffff : code === 1 ? flipped(bits) : bits;
        add(z, 1, counts, { shift, lowest, limit, stride });
      }
    },
    countFineNegatives(x, n, counts, shift, lowest, limit, stride) {
      for (let i = 0; i < n; i++) add(memory.u32(x + 4 * i), 1, counts, { shift, lowest, limit, stride });
    },
    moveRowsFine(x, classes, rows, width, counts, shift, lowest, limit, stride) {
      const shape = { shift, lowest, limit, stride };
      for (let row = 0; row < rows; row++) {
        const label = memory.i32(classes + 4 * row);
        for (let column = 0; column < width; column++) {
          const bits = memory.u32(x + 4 * (row * width + column));
          if (label === -2 || label === column) add(bits, -1, counts, shape);
          if (label === column) add(flipped(bits), 1, counts, shape);
        }
      }
    },
    weighWindow(x, codes, n, table, shift, places, weights, pieces, _groups, out) {
      const w = { table, shift, places, weights, pieces };
      for (let i = 0; i < n; i++) {
        const code = memory.u8[codes + i];
        const bits = memory.u32(x + 4 * i);
        memory.setU32(out + 4 * i, code === IGNORED ? 0 : weightOf(code === 1 ? flipped(bits) : bits, w));
      }
    },
    weighWindowNegatives(x, n, table, shift, places, weights, pieces, _groups, out) {
      const w = { table, shift, places, weights, pieces };
      for (let i = 0; i < n; i++) memory.setU32(out + 4 * i, weightOf(memory.u32(x + 4 * i), w));
    },
    reweighRowsWindow(x, classes, rows, width, table, shift, places, weights, pieces, out) {
      const w = { table, shift, places, weights, pieces };
      for (let row = 0; row < rows; row++) {
        const label = memory.i32(classes + 4 * row);
        const first = row * width;
        if (label >= 0)
          memory.setU32(out + 4 * (first + label), weightOf(flipped(memory.u32(x + 4 * (first + label))), w));
        if (label === -2) memory.u8.fill(0, out + 4 * first, out + 4 * (first + width));
      }
    },
  };
}
