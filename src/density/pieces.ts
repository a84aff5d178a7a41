import { bitsOfCell, valueRange } from './cell-values.ts';
import { CELLS, type Cell, type CellCounts, NEGATIVE, POSITIVE } from './cells.ts';
import type { FineCounts } from './fine-cells.ts';
import { FIRST_NAN_CELL, type Partition, partitionOf, SIGN_CELL } from './partition.ts';
import { addSoftLosses } from './soft-losses.ts';

/** Samples whose bits lie in [firstBits, lastBits], within one cell. */
export interface Piece {
  readonly label: typeof NEGATIVE | typeof POSITIVE;
  readonly firstBits: number;
  readonly lastBits: number;
  readonly count: number;
}

/** All pieces that hold samples, negatives first, by ascending bits. `partition` is that of the counts. */
export function piecesOf(counts: CellCounts, partition: Partition): readonly Piece[] {
  let pieces = found.get(counts);
  if (pieces === undefined) {
    pieces = ([NEGATIVE, POSITIVE] as const).flatMap((label) => piecesOfLabel(counts, partition, label));
    found.set(counts, pieces);
  }
  return pieces;
}

/** The lowest and the highest number that a sample of the piece may be, by their bits. */
export function rangeOfPiece({ kind, lowBits }: CellCounts, { firstBits, lastBits }: Piece): [number, number] {
  if (kind === 'float16' || lowBits === undefined) return valueRange(kind, firstBits, lastBits);
  const step = lowBits === 0 ? 0x1_0000 : lowBits & -lowBits;
  const first = Math.ceil(firstBits / step) * step;
  const last = Math.floor(lastBits / step) * step;
  return first <= last ? valueRange(kind, first, last) : valueRange(kind, firstBits, lastBits);
}

/** Density, losses, report and partial of a run ask for the same pieces, a few thousand among 131,072 cells. */
const found = new WeakMap<CellCounts, readonly Piece[]>();

function piecesOfLabel(counts: CellCounts, partition: Partition, label: Piece['label']): Piece[] {
  const { firstThreshold, thresholds } = partition;
  const cells = counts.cells[label];
  const splits = counts.splits[label];
  const pieces: Piece[] = [];
  for (let cell = nextUsed(cells, 0); cell < CELLS; cell = nextUsed(cells, cell + 1)) {
    const bits = bitsOfCell(counts.kind, cell);
    let firstBits = bits[0];
    let count = cells[cell];
    for (let t = firstThreshold[cell]; t < firstThreshold[cell + 1]; t++) count -= splits[t];
    for (let t = firstThreshold[cell]; t < firstThreshold[cell + 1]; t++) {
      if (count > 0) pieces.push({ label, firstBits, lastBits: thresholds[t] - 1, count });
      firstBits = thresholds[t];
      count = splits[t];
    }
    if (count > 0) pieces.push({ label, firstBits, lastBits: bits[1], count });
  }
  return pieces;
}

/** The first cell from this one on that holds samples. */
function nextUsed(cells: Float64Array, from: Cell): Cell {
  let cell = from;
  while (cell < CELLS && cells[cell] === 0) cell++;
  return cell;
}

/**
 * Takes NaN out of raw tables of a pass: their cells become 0 and join the samples left out.
 *
 * @returns how many there were
 */
export function dropNaN(
  kind: CellCounts['kind'],
  cells: readonly [Float64Array, Float64Array],
  splits: readonly [Float64Array, Float64Array],
  partition: Partition,
): number {
  let dropped = 0;
  for (const label of [NEGATIVE, POSITIVE]) {
    for (const sign of [0, SIGN_CELL]) {
      const first = FIRST_NAN_CELL[kind];
      for (let cell = sign + first; cell < sign + SIGN_CELL; cell++) {
        dropped += cells[label][cell];
        cells[label][cell] = 0;
      }
      if (kind !== 'float32') continue;
      // in the cell before, the piece above infinity is NaN
      const t = partition.firstThreshold[sign + first - 1];
      dropped += splits[label][t];
      cells[label][sign + first - 1] -= splits[label][t];
      splits[label][t] = 0;
    }
  }
  return dropped;
}

/** Exact sum of counts of the same grid and fine cells, in any order. */
export function addCounts(all: readonly CellCounts[]): CellCounts {
  const [{ kind, scale, bins }] = all;
  const { thresholds } = partitionOf({ kind, scale, bins });
  const softLosses = all.flatMap((counts) => counts.softLosses ?? []);
  const sum = (pick: (counts: CellCounts) => Float64Array, length: number): Float64Array => {
    const result = new Float64Array(length);
    for (const counts of all) addTo(result, pick(counts));
    return result;
  };
  return {
    kind,
    scale,
    bins,
    cells: [sum((c) => c.cells[NEGATIVE], CELLS), sum((c) => c.cells[POSITIVE], CELLS)],
    splits: [sum((c) => c.splits[NEGATIVE], thresholds.length), sum((c) => c.splits[POSITIVE], thresholds.length)],
    ignored: all.reduce((total, counts) => total + counts.ignored, 0),
    ...unionOfLowBits(all.map(({ lowBits }) => lowBits)),
    ...sumOfFineCells(all),
    ...(softLosses.length > 0 && { softLosses: addSoftLosses(softLosses) }),
  };
}

/** Its own function, so that it is compiled once, and soon: half of what follows a pass is loops over all cells. */
function addTo(sums: Float64Array, counts: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += counts[i];
}

/** The field of all numbers together; none where some are not known, or all 16 are set. */
function unionOfLowBits(parts: readonly (number | undefined)[]): Pick<CellCounts, 'lowBits'> {
  const lowBits = parts.reduce<number>((union, bits) => union | (bits ?? 0xffff), 0);
  return lowBits === 0xffff ? {} : { lowBits };
}

/** Fine cells are a part of the sum where every part has them. */
function sumOfFineCells(all: readonly CellCounts[]): { readonly fine?: FineCounts } {
  const parts = all.flatMap(({ fine }) => fine ?? []);
  if (parts.length < all.length) return {};
  const [{ bits }] = parts;
  const counts = new Float64Array(parts[0].counts.length);
  for (const part of parts) addTo(counts, part.counts);
  return { fine: { bits, counts } };
}
