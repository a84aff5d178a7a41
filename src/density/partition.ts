import { bitsOfFloat32 } from './cell-values.ts';
import { CELLS, type Cell, type CellKind, type Grid } from './cells.ts';
import { quantityOf, regionEdges, sameScale } from './scale.ts';

/**
 * How the float32 line is cut: into cells, and cells into pieces where an edge of a unit region falls inside one.
 *
 * Of logits, region edge j of M lies at z = ln(j / (M - j)). For a negative z = x, for a positive z = -x; the edges are
 * symmetric around 0 and, but for z = 0, no edge is a float32 (e to a rational power is irrational), so one set of
 * thresholds on the bits of x serves both labels. What is not negative (see scale.ts) has no edges below 0. Within a cell
 * bits grow with |x|; a piece is a range of bits.
 */
export interface Partition extends Grid {
  /** Ascending uint32: the bits of x at which a piece begins inside a cell. Empty for float16. */
  readonly thresholds: Uint32Array;
  /** [CELLS + 1]: thresholds of cell c are `thresholds[firstThreshold[c] .. firstThreshold[c + 1] - 1]`. */
  readonly firstThreshold: Uint32Array;
}

/** The cell of -0, the first of those with a sign. */
export const SIGN_CELL: Cell = 0x8000;

const INFINITY_BITS = 0x7f80_0000;
const SIGN = 0x8000_0000;

/**
 * Cuts the line for M = `bins`. Thresholds are the region edges, of logits also +0 and -0 apart from the subnormals beside
 * them where M is even (z = 0 is then an edge), and infinity apart from NaN.
 */
export function partitionOf({ kind, scale, bins }: Grid): Partition {
  if (latest?.kind !== kind || latest.bins !== bins || !sameScale(latest.scale, scale)) {
    latest = cut({ kind, scale, bins });
  }
  return latest;
}

/** One run asks for the same partition again and again. */
let latest: Partition | undefined;

function cut(grid: Grid): Partition {
  const { kind, scale, bins } = grid;
  const above: number[] = [];
  const below: number[] = [];
  if (kind === 'float32') {
    const isSigned = quantityOf(scale) === 'margin';
    const edges = [...regionEdges(scale, bins)].filter((edge) => edge > 0).map(bitsOfFloat32);
    const magnitudes = isSigned && bins % 2 === 0 ? [1, ...edges] : edges;
    above.push(...magnitudes, INFINITY_BITS + 1);
    below.push(...(isSigned ? magnitudes : []), INFINITY_BITS + 1);
  }
  // an edge at the very start of a cell cuts nothing; two edges never share a float32 up to M = 10,000
  const thresholds = Uint32Array.from([...above, ...below.map((bits) => bits + SIGN)]).filter(
    (bits) => (bits & 0xffff) !== 0,
  );
  const firstThreshold = new Uint32Array(CELLS + 1);
  for (const bits of thresholds) firstThreshold[(bits >>> 16) + 1]++;
  for (let cell = 0; cell < CELLS; cell++) firstThreshold[cell + 1] += firstThreshold[cell];
  return { ...grid, thresholds, firstThreshold };
}

/** Whether the cell holds only NaN; the infinity cells of float32 are cut in two instead. */
export const isNaNCell = (kind: CellKind, cell: Cell): boolean => (cell & 0x7fff) >= FIRST_NAN_CELL[kind];

/** The first cell that holds only NaN, of those without the sign. */
export const FIRST_NAN_CELL = { float16: 0x7c01, float32: 0x7f81 } as const satisfies Record<CellKind, Cell>;
