import { bitsOfFloat32, float16OfBits } from '../density/cell-values.ts';
import { CELLS, type CellCounts, NEGATIVE, POSITIVE, WIDENED_LOW_BITS } from '../density/cells.ts';
import { type FineCounts, fineEntry, fineGrid } from '../density/fine-cells.ts';
import { partitionOf } from '../density/partition.ts';
import { addCounts } from '../density/pieces.ts';
import { sameScale, scaleName } from '../density/scale.ts';
import { inputError } from '../errors.ts';
import { mergeSets, type NamedSets } from './merge-sets.ts';
import { inShardOrder, mergeShards, type NamedShards } from './merge-shards.ts';

/** Counts and the file they came from. */
export interface NamedCounts {
  readonly name: string;
  readonly counts: CellCounts;
}

/**
 * Exact sum of partials, in any order but that of batches, which follow each other (in the order of their shards, where they
 * are shards of one stream). Parts of float16 among parts of float32 are counted again as float32, which
 * loses nothing: a float16 cell is one value.
 *
 * @throws inputError where two counted different tasks or regions
 */
export function mergeCounts(parts: readonly NamedCounts[]): CellCounts {
  const sum = new PartialSum();
  for (const part of parts) sum.add(part);
  return sum.result();
}

/** Partials of a megabyte each that are added together. */
const ADDED_TOGETHER = 16;

/** A sum that partials are added to as they are read: there may be ten thousand, and few are in memory at a time. */
export class PartialSum {
  private first: NamedCounts | undefined;
  /** The first one of float32, whose fine cells the others have to have. */
  private fine: { readonly name: string; readonly words: string; readonly bits: number | undefined } | undefined;
  /** What was added up, and what waits to be. */
  private waiting: CellCounts[] = [];
  /** Groups of what was added up; batches of each part, in the order given. */
  private sets: NamedSets[] = [];
  private readonly shards: NamedShards[] = [];

  /** @throws inputError where it counted another task, other regions or other cells than those before */
  add(part: NamedCounts): void {
    this.first ??= part;
    checkGrid(part, this.first);
    this.checkFineCells(part);
    const { sets, shards, ...counts } = part.counts;
    this.waiting.push(counts);
    this.sets.push({ name: part.name, sets, shards });
    this.shards.push({ name: part.name, shards });
    if (this.waiting.length > ADDED_TOGETHER) this.addUp();
  }

  /** @throws inputError where shards are missing beside counts of other streams, or one is there twice */
  result(): CellCounts {
    this.addUp();
    const [sum] = this.waiting;
    const samples = sum.cells.reduce((total, table) => table.reduce((n, count) => n + count, total), sum.ignored);
    if (samples > Number.MAX_SAFE_INTEGER) {
      const name = this.first?.name;
      throw inputError(`${name} and the others hold more than 2^53 samples together, too many to count exactly`);
    }
    const sets = mergeSets(inShardOrder(this.sets));
    const shards = mergeShards(inShardOrder(this.shards), sets?.request.kind === 'batches');
    return { ...sum, ...(sets && { sets }), ...(shards && { shards }) };
  }

  private addUp(): void {
    const { waiting } = this;
    const mixed = waiting.some(({ kind }) => kind !== waiting[0].kind);
    const one = (counts: CellCounts): CellCounts =>
      mixed && counts.kind === 'float16' ? widenCounts(counts, this.fine?.bits) : counts;
    this.waiting = [addCounts(waiting.map(one))];
    const areGroups = this.sets.every(({ sets }) => sets?.request.kind === 'groups');
    if (areGroups) this.sets = [{ name: this.sets[0].name, sets: mergeSets(this.sets), shards: undefined }];
  }

  /** @throws inputError where float32 parts were not counted by the same fine cells; a float16 part needs none */
  private checkFineCells({ name, counts: { kind, fine } }: NamedCounts): void {
    if (kind === 'float16') return;
    const words = fine ? `for windows by ${fine.bits} bits` : 'for unit regions alone';
    this.fine ??= { name, words, bits: fine?.bits };
    if (words === this.fine.words) return;
    throw inputError(
      `${name}: counted ${words}, but ${this.fine.name} ${this.fine.words}; ` +
        'count both with the same --density and --window-bits',
    );
  }
}

/** @throws inputError where two counted different tasks or regions */
function checkGrid({ name, counts }: NamedCounts, first: NamedCounts): void {
  if (!sameScale(counts.scale, first.counts.scale)) {
    throw inputError(
      `${name}: counts of ${scaleName(counts.scale)}, but ${first.name} of ${scaleName(first.counts.scale)}; ` +
        'only counts of one task add up',
    );
  }
  if (counts.bins !== first.counts.bins) {
    throw inputError(
      `${name}: counted for ${counts.bins} regions, but ${first.name} for ${first.counts.bins}; ` +
        'count both with the same --bins',
    );
  }
}

/** float16 counts as the float32 kernels would have counted the same values, by fine cells too where their bits are given. */
export function widenCounts(counts: CellCounts, fineBits?: number): CellCounts {
  const { scale, bins, ignored } = counts;
  const partition = partitionOf({ kind: 'float32', scale, bins });
  const cells: [Float64Array, Float64Array] = [new Float64Array(CELLS), new Float64Array(CELLS)];
  const splits: [Float64Array, Float64Array] = [
    new Float64Array(partition.thresholds.length),
    new Float64Array(partition.thresholds.length),
  ];
  for (const label of [NEGATIVE, POSITIVE]) {
    for (const [half, count] of counts.cells[label].entries()) {
      if (count === 0) continue;
      const bits = bitsOfFloat32(float16OfBits(half));
      const cell = bits >>> 16;
      cells[label][cell] += count;
      for (let t = partition.firstThreshold[cell + 1] - 1; t >= partition.firstThreshold[cell]; t--) {
        if (bits >= partition.thresholds[t]) {
          splits[label][t] += count;
          break;
        }
      }
    }
  }
  const fine = fineBits === undefined ? undefined : fineCellsOfHalves(counts, fineBits);
  return {
    kind: 'float32',
    scale,
    bins,
    cells,
    splits,
    ignored,
    lowBits: WIDENED_LOW_BITS.float16,
    ...(fine && { fine }),
  };
}

function fineCellsOfHalves({ scale, cells }: CellCounts, bits: number): FineCounts {
  const grid = fineGrid(bits, scale);
  const counts = new Float64Array(2 * grid.stride);
  for (const label of [NEGATIVE, POSITIVE]) {
    for (const [half, count] of cells[label].entries()) {
      const z = label === POSITIVE ? half ^ 0x8000 : half;
      const entry = count > 0 ? fineEntry(grid, bitsOfFloat32(float16OfBits(z))) : undefined;
      if (entry !== undefined) counts[entry] += count;
    }
  }
  return { bits, counts };
}
