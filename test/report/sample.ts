import { readFileSync } from 'node:fs';
import { bitsOfFloat32 } from '../../src/density/cell-values.ts';
import { CELLS, type CellCounts, type CellKind } from '../../src/density/cells.ts';
import { partitionOf } from '../../src/density/partition.ts';
import { LOGITS } from '../../src/density/scale.ts';

/** One sample: its logit, and whether it is a positive. */
export type Sample = readonly [x: number, positive: boolean];

/** Counts float32 samples one by one, as the definition of cells and pieces says. */
export function countSamples(samples: readonly Sample[], bins: number, ignored = 0): CellCounts {
  const { thresholds, firstThreshold } = partitionOf({ kind: 'float32', scale: LOGITS, bins });
  const counts = emptyCounts('float32', bins, thresholds.length, ignored);
  for (const [x, positive] of samples) {
    const bits = bitsOfFloat32(x);
    const cell = bits >>> 16;
    counts.cells[positive ? 1 : 0][cell]++;
    for (let t = firstThreshold[cell + 1] - 1; t >= firstThreshold[cell]; t--) {
      if (bits < thresholds[t]) continue;
      counts.splits[positive ? 1 : 0][t]++;
      break;
    }
  }
  return counts;
}

function emptyCounts(kind: CellKind, bins: number, splits: number, ignored: number): CellCounts {
  return {
    kind,
    scale: LOGITS,
    bins,
    cells: [new Float64Array(CELLS), new Float64Array(CELLS)],
    splits: [new Float64Array(splits), new Float64Array(splits)],
    ignored,
  };
}

const BCCD = new URL('../../examples/bccd/', import.meta.url);

/** Bytes of a .npy file of version 1, without the header. */
const dataOf = (name: string): Buffer => {
  const file = readFileSync(new URL(name, BCCD));
  return file.subarray(10 + file.readUInt16LE(8));
};

/** The real sample shipped with the package: float16 logits, so that a cell is the bits of a logit. */
export function bccdCounts(bins: number): CellCounts {
  const [logits, labels, weights] = ['logits.npy', 'labels.npy', 'label_weights.npy'].map(dataOf);
  const classes = 3;
  const counts = emptyCounts('float16', bins, 0, weights.filter((weight) => weight === 0).length * classes);
  for (let row = 0; row < labels.length; row++) {
    if (weights[row] === 0) continue;
    for (let c = 0; c < classes; c++) {
      counts.cells[labels.readInt8(row) === c ? 1 : 0][logits.readUInt16LE(2 * (row * classes + c))]++;
    }
  }
  return counts;
}

interface Golden {
  readonly counts: readonly number[];
  readonly beta_valid_bins: readonly number[];
}

export const bccdGolden: Readonly<Record<string, Golden>> = JSON.parse(
  readFileSync(new URL('golden.json', BCCD), 'utf8'),
);
