import { valueOfBits } from './cell-values.ts';
import { CELLS, type Cell, NEGATIVE, POSITIVE } from './cells.ts';
import { FIRST_NAN_CELL, type Partition, SIGN_CELL } from './partition.ts';
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

/** Bit 31. */
const CUT = 1 << 31;

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
    const regionOf = (cell: Cell): number =>
      regions.of(coordinateOf(label, valueOfBits(kind, kind === 'float16' ? cell : cell * 0x1_0000)));
    const own = cells.subarray(label * CELLS, (label + 1) * CELLS);
    for (const sign of [0, SIGN_CELL]) {
      const end = sign + FIRST_NAN_CELL[kind];
      for (let cell = sign; cell < end; ) {
        // along the cells of a sign the regions go up or down
        const region = regionOf(cell);
        const next = endOfRun(cell, end, (other) => regionOf(other) === region);
        own.fill(weights[region], cell, next);
        cell = next;
      }
    }
    for (const [t, bits] of partition.thresholds.entries()) {
      const cell = bits >>> 16;
      const x = valueOfBits(kind, bits);
      const weight = Number.isNaN(x) ? 0 : weights[regions.of(coordinateOf(label, x))];
      splits[label * count + t] = weight;
      if (weight !== (own[cell] & ~CUT)) own[cell] |= CUT;
    }
  }
  return { cells, splits, regions: Uint32Array.from(weights) };
}

/** The end of the run that begins with `first`: where `belongs`, true and then false, is false. In few steps. */
function endOfRun(first: Cell, end: Cell, belongs: (cell: Cell) => boolean): Cell {
  let low = first;
  let step = 1;
  while (low + step < end && belongs(low + step)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, end);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (belongs(middle)) low = middle;
    else high = middle;
  }
  return high;
}
