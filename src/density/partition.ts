import { CELLS, type Cell, type CellKind } from './cells.ts';

/**
 * How the float32 line is cut: into cells, and cells into pieces where an edge of a unit region falls inside one.
 *
 * Region edge j of M lies at z = ln(j / (M - j)). For a negative z = x, for a positive z = -x; the edges are symmetric
 * around 0 and, but for z = 0, no edge is a float32 (e to a rational power is irrational), so one set of thresholds on
 * the bits of x serves both labels. Within a cell bits grow with |x|; a piece is a range of bits.
 */
export interface Partition {
  readonly kind: CellKind;
  /** M. */
  readonly bins: number;
  /** Ascending uint32: the bits of x at which a piece begins inside a cell. Empty for float16. */
  readonly thresholds: Uint32Array;
  /** [CELLS + 1]: thresholds of cell c are `thresholds[firstThreshold[c] .. firstThreshold[c + 1] - 1]`. */
  readonly firstThreshold: Uint32Array;
}

const scratch = new DataView(new ArrayBuffer(4));

/** Bits of a float32. */
export function bitsOfFloat32(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

/** The float32 of these bits. */
export function float32OfBits(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/**
 * The smallest float32 at or above ln(j / (M - j)), for M/2 < j < M. The double-precision value is within 2^-51 of the
 * true one; the tests show that no edge of any M up to 10,000 is so near a float32 that this could matter.
 */
export function edgeAtOrAbove(j: number, bins: number): number {
  const exact = edgeOfRegion(j, bins);
  const rounded = Math.fround(exact);
  return rounded >= exact ? rounded : float32OfBits(bitsOfFloat32(rounded) + 1);
}

/**
 * z at edge j of M, ln(j / (M - j)), for M/2 <= j < M, in double precision. Written with log1p near 0, where the
 * quotient is near 1 and a plain logarithm would lose digits.
 */
export function edgeOfRegion(j: number, bins: number): number {
  const excess = (2 * j - bins) / (bins - j);
  return excess < 1 ? Math.log1p(excess) : Math.log(j / (bins - j));
}

const INFINITY_BITS = 0x7f80_0000;
const SIGN = 0x8000_0000;

/**
 * Cuts the line for M = `bins`. Thresholds are the region edges, +0 and -0 apart from the subnormals beside them where
 * M is even (z = 0 is then an edge), and infinity apart from NaN.
 */
export function partitionOf(kind: CellKind, bins: number): Partition {
  if (latest?.kind !== kind || latest.bins !== bins) latest = cut(kind, bins);
  return latest;
}

/** One run asks for the same partition again and again. */
let latest: Partition | undefined;

function cut(kind: CellKind, bins: number): Partition {
  const magnitudes: number[] = [];
  if (kind === 'float32') {
    if (bins % 2 === 0) magnitudes.push(1);
    for (let j = Math.floor(bins / 2) + 1; j < bins; j++) magnitudes.push(bitsOfFloat32(edgeAtOrAbove(j, bins)));
    magnitudes.push(INFINITY_BITS + 1);
  }
  // an edge at the very start of a cell cuts nothing; two edges never share a float32 up to M = 10,000
  const inside = magnitudes.filter((bits) => (bits & 0xffff) !== 0);
  const thresholds = Uint32Array.from([...inside, ...inside.map((bits) => bits + SIGN)]);
  const firstThreshold = new Uint32Array(CELLS + 1);
  for (const bits of thresholds) firstThreshold[(bits >>> 16) + 1]++;
  for (let cell = 0; cell < CELLS; cell++) firstThreshold[cell + 1] += firstThreshold[cell];
  return { kind, bins, thresholds, firstThreshold };
}

/** Whether the cell holds only NaN; the infinity cells of float32 are cut in two instead. */
export function isNaNCell(kind: CellKind, cell: Cell): boolean {
  const magnitude = cell & 0x7fff;
  return kind === 'float16' ? magnitude > 0x7c00 : magnitude > 0x7f80;
}
