import { bitsOfFloat32 } from '../density/cell-values.ts';
import {
  CELLS,
  type CellCounts,
  type CellKind,
  type CountedShards,
  type Grid,
  NEGATIVE,
  POSITIVE,
} from '../density/cells.ts';
import { fineEntry, fineGrid } from '../density/fine-cells.ts';
import { isNaNCell, type Partition, partitionOf } from '../density/partition.ts';
import { type Piece, piecesOf } from '../density/pieces.ts';
import { quantityOf, type Scale, scaleName, scaleOf } from '../density/scale.ts';
import { entryOfPiece, noSoftLosses, type SoftLosses, setUnits, type UnitSums } from '../density/soft-losses.ts';
import { inputError } from '../errors.ts';
import { sealOf } from '../sealed-json.ts';
import { decodeSets, encodeSets, type PartialSets } from './partial-sets.ts';
import { denseFineCells, type SparseFineCells, sparseFineCells } from './sparse-fine-cells.ts';

/**
 * A partial: the counts of one stream as a file that can be added to others. Sparse JSON, some tens of kilobytes
 * whatever the stream's size, and 30 bytes more for each region of a batch or group that holds samples. `from` are the bits at which a piece begins (of a float32, or of a float16).
 */
export interface PartialDocument extends PartialSets {
  readonly schema: typeof PARTIAL_SCHEMA;
  readonly task: Scale['task'];
  /** Only where targets are soft. */
  readonly softTargets?: true;
  /** Only of a regression. */
  readonly mu?: number;
  /** What the cells are: the top 16 bits of float32, or whole float16 logits. */
  readonly cells: CellKind;
  /** The number of unit regions whose counts are exact. */
  readonly bins: number;
  readonly total: number;
  readonly ignored: number;
  /** Only where it is of shards of a stream that were not merged to the whole. */
  readonly shards?: CountedShards;
  /** Only where float32 numbers were float16 or bfloat16 once: bits that any has set among its lower 16. */
  readonly lowBits?: number;
  readonly negatives: SparsePieces;
  readonly positives: SparsePieces;
  /** Finer counts of the same samples, where they were made for windows. */
  readonly fine?: SparseFineCells;
  /** Only where targets are soft: sums of losses over the pieces of `negatives`, in their order. */
  readonly softLosses?: SparseLosses;
}

interface SparsePieces {
  /** Ascending. */
  readonly from: readonly number[];
  readonly count: readonly number[];
}

/** Each sum is whole + rest 2^-32; `targetCe` is the sum of target times cross-entropy. */
interface SparseLosses {
  readonly ce: SparseSums;
  readonly targetCe: SparseSums;
  /** Samples of a loss of 2^31 or more, in no sum. */
  readonly infinite: number;
}

interface SparseSums {
  readonly whole: readonly number[];
  readonly rest: readonly number[];
}

export const PARTIAL_SCHEMA = 'ghm.partial/1';

/** Text of a partial; equal counts give equal bytes. */
export function encodePartial(counts: CellCounts): string {
  const document = documentOf(counts);
  return `${JSON.stringify({ ...document, sha256: sealOf(document) })}\n`;
}

function documentOf(counts: CellCounts): PartialDocument {
  const partition = partitionOf(counts);
  const pieces = piecesOf(counts, partition);
  const sparse = (label: number): SparsePieces => {
    const own = pieces.filter((piece) => piece.label === label);
    return { from: own.map((piece) => piece.firstBits), count: own.map((piece) => piece.count) };
  };
  return {
    schema: PARTIAL_SCHEMA,
    ...counts.scale,
    cells: counts.kind,
    bins: counts.bins,
    total: pieces.reduce((sum, piece) => sum + piece.count, 0),
    ignored: counts.ignored,
    ...(counts.shards && { shards: counts.shards }),
    ...(counts.lowBits !== undefined && { lowBits: counts.lowBits }),
    negatives: sparse(NEGATIVE),
    positives: sparse(POSITIVE),
    ...(counts.fine && { fine: sparseFineCells(counts.fine, counts.scale) }),
    ...(counts.softLosses && { softLosses: sparseLosses(counts.softLosses, pieces, partition) }),
    ...encodeSets(counts.sets),
  };
}

function sparseLosses(losses: SoftLosses, pieces: readonly Piece[], partition: Partition): SparseLosses {
  const entries = pieces.map(({ firstBits }) => entryOfPiece(partition, firstBits));
  const sparse = ({ whole, rest }: UnitSums): SparseSums => ({
    whole: entries.map((entry) => whole[entry]),
    rest: entries.map((entry) => rest[entry]),
  });
  return { ce: sparse(losses.ce), targetCe: sparse(losses.targetCe), infinite: losses.infinite };
}

function fullLosses(
  { ce, targetCe, infinite }: SparseLosses,
  from: readonly number[],
  partition: Partition,
  name: string,
): SoftLosses {
  const losses = noSoftLosses(partition.thresholds.length);
  for (const [sparse, sums] of [
    [ce, losses.ce],
    [targetCe, losses.targetCe],
  ] as const) {
    if (sparse.whole.length !== from.length || sparse.rest.length !== from.length) {
      throw inputError(`${name}: ${from.length} pieces but ${sparse.whole.length} sums of losses`);
    }
    // every piece has been placed: it has an entry
    for (const [i, bits] of from.entries())
      setUnits(sums, entryOfPiece(partition, bits), sparse.whole[i], sparse.rest[i]);
  }
  return { ...losses, infinite };
}

/**
 * Counts from the parsed JSON of a partial.
 *
 * @throws inputError naming the file where a field is not what it has to be or the checksum does not match
 */
export async function decodePartial(json: unknown, name: string): Promise<CellCounts> {
  const { partialSchema } = await import('./schemas.ts');
  const parsed = partialSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw inputError(`${name}: not a valid partial: ${issue.path.join('.') || 'the document'}: ${issue.message}`);
  }
  const { sha256, ...document } = parsed.data;
  const expected = sealOf(document);
  if (sha256 !== expected) {
    throw inputError(`${name}: damaged: its checksum is ${sha256}, its content gives ${expected}; count it again`);
  }
  const grid: Grid = { kind: document.cells, scale: scaleOf(document), bins: document.bins };
  const partition = partitionOf(grid);
  const cells: [Float64Array, Float64Array] = [new Float64Array(CELLS), new Float64Array(CELLS)];
  const splits: [Float64Array, Float64Array] = [
    new Float64Array(partition.thresholds.length),
    new Float64Array(partition.thresholds.length),
  ];
  let total = 0;
  const fine = document.fine && fineGrid(document.fine.bits, grid.scale);
  let within = 0;
  for (const [label, { from, count }] of [document.negatives, document.positives].entries()) {
    if (from.length !== count.length) throw inputError(`${name}: ${from.length} pieces but ${count.length} counts`);
    for (const [i, bits] of from.entries()) {
      if (i > 0 && bits <= from[i - 1]) throw inputError(`${name}: pieces out of order at ${bits}`);
      if (!isOnScale(grid.scale, label, bits))
        throw inputError(`${name}: no piece of a ${scaleName(grid.scale)} begins at ${bits}`);
      placePiece(partition, bits, count[i], cells[label], splits[label], name);
      total += count[i];
      if (fine !== undefined && fineEntry(fine, bits) !== undefined) within += count[i];
    }
  }
  if (total !== document.total) {
    throw inputError(`${name}: says ${document.total} samples, its pieces hold ${total}`);
  }
  if (fine !== undefined && grid.kind === 'float16') {
    throw inputError(`${name}: cells of float16 are exact, and yet it has finer ones`);
  }
  const counted = document.fine && denseFineCells(document.fine, grid.scale, within, name);
  const sets = decodeSets(document, grid, total, name);
  const { softLosses, negatives } = document;
  return {
    ...grid,
    cells,
    splits,
    ignored: document.ignored,
    ...(document.shards && { shards: document.shards }),
    ...(document.lowBits !== undefined && { lowBits: document.lowBits }),
    ...(counted && { fine: counted }),
    ...(softLosses && { softLosses: fullLosses(softLosses, negatives.from, partition, name) }),
    ...(sets && { sets }),
  };
}

/** Whether samples of this label may have these bits: what is not a logit has one label and is not negative. */
function isOnScale(scale: Scale, label: number, bits: number): boolean {
  const quantity = quantityOf(scale);
  if (quantity === 'margin') return scale.task === 'classification' || label === NEGATIVE;
  return (
    label === NEGATIVE && bits <= (quantity === 'norm' ? bitsOfFloat32(1) : bitsOfFloat32(Number.POSITIVE_INFINITY))
  );
}

function placePiece(
  partition: Partition,
  bits: number,
  count: number,
  cells: Float64Array,
  splits: Float64Array,
  name: string,
): void {
  const cell = partition.kind === 'float16' ? bits : bits >>> 16;
  // the piece beside infinity is NaN too
  const holdsNaN =
    isNaNCell(partition.kind, cell) || (partition.kind === 'float32' && (bits & 0x7fff_ffff) > 0x7f80_0000);
  if (cell >= CELLS || holdsNaN) throw inputError(`${name}: no piece begins at ${bits}`);
  cells[cell] += count;
  if (partition.kind === 'float16' || (bits & 0xffff) === 0) return;
  const { thresholds, firstThreshold } = partition;
  for (let t = firstThreshold[cell]; t < firstThreshold[cell + 1]; t++) {
    if (thresholds[t] === bits) {
      splits[t] += count;
      return;
    }
  }
  throw inputError(`${name}: no piece of ${partition.bins} regions begins at ${bits}`);
}
