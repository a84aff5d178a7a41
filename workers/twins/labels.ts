import type { Kernels } from '../kernel-interface.ts';
import type { ScalarMemory } from './tables.ts';

type LabelKernels = Pick<
  Kernels,
  'binaryCodes' | 'rowClasses' | 'applyWeightsToCodes' | 'applyWeightsToClasses' | 'classCodes'
>;

/** Definition of how labels and label weights are read. */
export function scalarLabels(memory: ScalarMemory): LabelKernels {
  return {
    binaryCodes(dtype, from, n, ignoreLabel, to) {
      let bad = -1;
      for (let i = 0; i < n; i++) {
        const label = Number(memory.element(dtype, from, i));
        const ignored = label === ignoreLabel;
        if (bad < 0 && !ignored && label !== 0 && label !== 1) bad = i;
        memory.setU8(to + i, ignored ? 2 : label === 1 ? 1 : 0);
      }
      return bad;
    },
    rowClasses(dtype, from, rows, firstForeground, width, background, ignoreLabel, to) {
      for (let row = 0; row < rows; row++) {
        const label = Number(memory.element(dtype, from, row));
        const index = label - firstForeground;
        if (label === ignoreLabel) memory.setI32(to + 4 * row, -2);
        else if (label === background) memory.setI32(to + 4 * row, -1);
        else if (index >= 0 && index < width) memory.setI32(to + 4 * row, index);
        else return row;
      }
      return -1;
    },
    applyWeightsToCodes(dtype, weights, n, codes, width) {
      let bad = -1;
      for (let i = 0; i < n; i++) {
        const weight = Number(memory.element(dtype, weights, i));
        if (bad < 0 && Number.isNaN(weight)) bad = i;
        if (!(weight > 0)) memory.u8.fill(2, codes + i * width, codes + (i + 1) * width);
      }
      return bad;
    },
    applyWeightsToClasses(codes, rows, classes) {
      for (let row = 0; row < rows; row++) if (memory.u8[codes + row] === 2) memory.setI32(classes + 4 * row, -2);
    },
    classCodes(classes, rows, width, codes) {
      for (let row = 0; row < rows; row++) {
        const label = memory.i32(classes + 4 * row);
        for (let c = 0; c < width; c++) memory.setU8(codes + row * width + c, label === -2 ? 2 : label === c ? 1 : 0);
      }
    },
  };
}
