import { valueOfBits } from './cell-values.ts';
import { CELLS, NEGATIVE, POSITIVE } from './cells.ts';
import { isNaNCell, type Partition } from './partition.ts';
import { Regions } from './regions.ts';
import { coordinateOf } from './scale.ts';

/** What the weighing kernels look up, as workers/kernels/tables.ts describes it. */
export interface BetaTable {
  /** u32 [3][CELLS] */
  readonly cells: Uint32Array;
  /** u32 [2][thresholds] */
  readonly splits: Uint32Array;
}

/** The table of unit regions. */
export interface RegionTable extends BetaTable {
  /** u32 [M]: the weight of each region. */
  readonly regions: Uint32Array;
}

const CUT = 0x8000_0000;

/**
 * The weight of every piece. `bitsOf` gives the bits of a weight in the output's dtype; NaN weighs 0.
 *
 * @param beta [M] weight of each region; M is the partition's
 */
export function betaTable(
  partition: Partition,
  beta: readonly number[],
  bitsOf: (weight: number) => number,
): RegionTable {
  const { kind } = partition;
  const regions = new Regions(partition.bins, partition.scale);
  // the sign of -0, which a density.json may hold, would be taken for the mark of a cut cell
  const weights = beta.map((weight) => bitsOf(weight + 0));
  const count = partition.thresholds.length;
  const cells = new Uint32Array(3 * CELLS);
  const splits = new Uint32Array(2 * count);
  for (const label of [NEGATIVE, POSITIVE] as const) {
    const weightAt = (bits: number): number => {
      const x = valueOfBits(kind, bits);
      return Number.isNaN(x) ? 0 : weights[regions.of(coordinateOf(label, x))];
    };
    for (let cell = 0; cell < CELLS; cell++) {
      if (isNaNCell(kind, cell)) continue;
      const weight = weightAt(kind === 'float16' ? cell : cell * 0x1_0000);
      let cut = false;
      for (let t = partition.firstThreshold[cell]; t < partition.firstThreshold[cell + 1]; t++) {
        splits[label * count + t] = weightAt(partition.thresholds[t]);
        cut ||= splits[label * count + t] !== weight;
      }
      cells[label * CELLS + cell] = cut ? weight + CUT : weight;
    }
  }
  return { cells, splits, regions: Uint32Array.from(weights) };
}
