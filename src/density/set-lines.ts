import { meanOver } from './bounded-sum.ts';
import { valueRange } from './cell-values.ts';
import type { CellCounts, CellKind } from './cells.ts';
import type { Partition } from './partition.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { Regions } from './regions.ts';
import { coordinateOf } from './scale.ts';
import { curvatureAt, LARGEST_LOSS, lossAt, lossUnit } from './set-loss.ts';

/** Slots of a set: M regions, then the two below. */
export const slotsOf = (bins: number): number => bins + 2;
/** Samples of the last region whose loss is `LARGEST_LOSS` or more: counted, but not summed. */
export const beyondSlot = (bins: number): number => bins;
/** Samples left out. */
export const leftOutSlot = (bins: number): number => bins + 1;

/** What a sample adds to its set: to which slot, and the loss base + floor(slope x low / 16) in units of the slot. */
export interface SetLine {
  readonly slot: number;
  readonly base: number;
  readonly slope: number;
}

type PieceBits = Pick<Piece, 'label' | 'firstBits' | 'lastBits'>;

/** Low half of a float32. */
const LOW = 0xffff;
const LARGEST_SLOPE = 2 ** 15 - 1;

/** Knows how a sample becomes a region and a loss, where those are counted by set. */
export class SetLines {
  private readonly kind: CellKind;
  private readonly bins: number;
  private readonly regions: Regions;
  private readonly units: Float64Array;
  private readonly lossOf: ((z: number) => number) | null;
  private readonly curvatureOf: (z: number) => number;

  constructor({ kind, scale, bins }: Pick<Partition, 'kind' | 'scale' | 'bins'>) {
    this.kind = kind;
    this.bins = bins;
    this.regions = new Regions(bins, scale);
    this.units = Float64Array.from({ length: bins }, (_, region) => lossUnit(scale, region, bins));
    this.lossOf = lossAt(scale);
    this.curvatureOf = curvatureAt(scale);
  }

  /** The line of a piece: with the mean of its losses and, where it stays from 0 to below 2^31, their rise. */
  of(piece: PieceBits): SetLine {
    const { bins, lossOf } = this;
    const [first, last] = this.endsOf(piece);
    if (Number.isNaN(first)) return { slot: leftOutSlot(bins), base: 0, slope: 0 };
    const region = this.regions.of(first);
    const unitsAt = (z: number): number => (lossOf ? lossOf(z) / this.units[region] : 0);
    const mean = meanOver(unitsAt, first, last);
    if (!(mean * this.units[region] < LARGEST_LOSS)) return { slot: beyondSlot(bins), base: 0, slope: 0 };
    const rise = unitsAt(last) - unitsAt(first);
    return { slot: region, ...lineOf(mean, rise, piece.firstBits & LOW, piece.lastBits & LOW) };
  }

  /**
   * The most by which the loss of a sample of the piece is off: losses curve upwards, so they are no further from a line than at
   * the ends, and what a curve of their greatest curvature sags between.
   */
  doubtOf(piece: PieceBits): number {
    const { lossOf } = this;
    const { slot, base, slope } = this.of(piece);
    if (slot >= this.bins || lossOf === null) return 0;
    const ends = this.endsOf(piece);
    const lows = [piece.firstBits & LOW, piece.lastBits & LOW];
    const off = ends.map((z, i) => Math.abs(lossOf(z) / this.units[slot] - base - (slope * lows[i]) / 16));
    const sag = ((ends[1] - ends[0]) ** 2 / 8) * Math.max(...ends.map(this.curvatureOf));
    // one unit for the part that is rounded down
    return (Math.max(...off) + 1) * this.units[slot] + sag;
  }

  private endsOf({ label, firstBits, lastBits }: PieceBits): [number, number] {
    const [first, last] = valueRange(this.kind, firstBits, lastBits);
    return [coordinateOf(label, first), coordinateOf(label, last)];
  }
}

/**
 * @param first low half of the lowest bits of a piece, `last` of the highest; equal for a float16
 */
function lineOf(mean: number, rise: number, first: number, last: number): Pick<SetLine, 'base' | 'slope'> {
  const steep = last > first && Number.isFinite(rise) ? Math.round((16 * rise) / (last - first)) : 0;
  const slope = Math.max(-LARGEST_SLOPE, Math.min(steep, LARGEST_SLOPE));
  const base = Math.round(mean - (slope * (first + last)) / 32);
  const ends = [first, last].map((low) => base + Math.floor((slope * low) / 16));
  const fits = base >= 0 && ends.every((end) => end >= 0 && end < 2 ** 31);
  return fits ? { base, slope } : { base: Math.min(Math.round(mean), 2 ** 31 - 1), slope: 0 };
}

/** [M] the most by which the loss of a sample of each region, in sums by set, is off. */
export function lossDoubts(counts: CellCounts, partition: Partition): Float64Array {
  const lines = new SetLines(partition);
  const doubts = new Float64Array(partition.bins);
  for (const piece of piecesOf(counts, partition)) {
    const { slot } = lines.of(piece);
    if (slot < partition.bins) doubts[slot] = Math.max(doubts[slot], lines.doubtOf(piece));
  }
  return doubts;
}
