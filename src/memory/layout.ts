import { CELLS } from '../density/cells.ts';
import { fineStride } from '../density/fine-cells.ts';
import { NORM_CELLS } from '../density/soft-losses.ts';
import type { ByteOffset } from '../sources/source.ts';
import { HEADER_BYTES } from './control.ts';

/** Tables of the windowed density; see workers/kernels/fine.ts. Zeros where there is none: they take no room then. */
export interface WindowTables {
  /** Bits of the fine cells that pass 1 counts, or 0. */
  readonly counted: number;
  /** Top bits of z by which pass 2 looks weights up, or 0. */
  readonly weighed: number;
  /** Most pieces that pass 2 can weigh by. */
  readonly pieces: number;
}

export const NO_WINDOW: WindowTables = { counted: 0, weighed: 0, pieces: 0 };

/** The one place that knows where things lie in the shared memory. Everything else asks `viewsOf` or the addresses here. */
export interface Layout {
  readonly threads: number;
  readonly thresholds: number;
  /** Samples a chunk: what the buffers of an arena hold. */
  readonly chunkSamples: number;
  /** Whole memory, in bytes. */
  readonly bytes: number;
  /** u32 [65537] and u32 [thresholds]: the partition. */
  readonly first: ByteOffset;
  readonly thresholdBits: ByteOffset;
  /** u32 [3][65536] and u32 [2][thresholds]: weights, see workers/kernels/tables.ts. */
  readonly beta: ByteOffset;
  readonly betaSplits: ByteOffset;
  readonly window: WindowTables;
  /** u32 [2^weighed]: weights by the top bits of z; u32 [pieces] twice: where pieces begin, and their weights. */
  readonly windowWeights: ByteOffset;
  readonly piecePlaces: ByteOffset;
  readonly pieceWeights: ByteOffset;
  /** What is counted by set beside the cells. */
  readonly setSpace: SetSpace;
  /** u64 [3][65536] and u64 [2][thresholds]: see workers/kernels/sets.ts. */
  readonly setEntries: ByteOffset;
  /** {u64, u64} [sets][slots] totals of all workers while counting, then u32 [sets][slots] weights. */
  readonly setTable: ByteOffset;
  readonly firstArena: ByteOffset;
  readonly arenaBytes: number;
}

/** Room for the counts of sets: batches or groups. */
export interface SetSpace {
  readonly sets: number;
  /** Sets that one shard touches at most. */
  readonly scratchSets: number;
  /** Counters of a set. */
  readonly slots: number;
}

export const NO_SETS: SetSpace = { sets: 0, scratchSets: 0, slots: 0 };

/** What belongs to one worker. */
export interface Arena {
  /** u32 [4 copies][3 codes][65536]: one shard's samples. */
  readonly scratchCells: ByteOffset;
  /** u32 [2 codes][thresholds] */
  readonly scratchSplits: ByteOffset;
  /** u64 [2 codes][65536]: samples of all shards this worker finished. */
  readonly totalCells: ByteOffset;
  /** u64 [2 codes][thresholds] */
  readonly totalSplits: ByteOffset;
  /** u32 [2 signs][stride] and u64 [2 signs][stride]: samples of fine cells, of one shard and of all this worker finished. */
  readonly scratchFine: ByteOffset;
  readonly totalFine: ByteOffset;
  /** u64 [1]: samples left out. */
  readonly totalIgnored: ByteOffset;
  /** u32 [1]: bits set among the lower 16 of any float32 counted, and bit 16 where some were looked at. */
  readonly totalLowBits: ByteOffset;
  /** u64 [softLossWords]: losses of soft targets, of one shard and of all; see workers/kernels/soft.ts. */
  readonly scratchLosses: ByteOffset;
  readonly totalLosses: ByteOffset;
  /** u32 [1024]: a kernel's list. */
  readonly groups: ByteOffset;
  /** {u64, u64} [scratch sets][slots]: one shard's samples by set. */
  readonly scratchSets: ByteOffset;
  /** u64 [4][slots]: a kernel's own. */
  readonly setCopies: ByteOffset;
  /** u32 [rows of a chunk]: the set of each. */
  readonly rowSets: ByteOffset;
  readonly raw: ByteOffset;
  readonly logits: ByteOffset;
  readonly labels: ByteOffset;
  readonly operand: ByteOffset;
  readonly codes: ByteOffset;
  readonly classes: ByteOffset;
  readonly out: ByteOffset;
}

/** Bytes that a chunk of one sample needs in each buffer of an arena. */
export interface BufferNeeds {
  /** Elements read but not yet in the kernels' form. */
  readonly raw: number;
  /** 4 (float32) or 2 (float16). */
  readonly logits: number;
  /** Labels or weights widened from 16-bit floats. */
  readonly labels: number;
  /** What logits are computed from where they are not counted as they are: rows of a softmax, predictions, targets. */
  readonly operand: number;
  /** u8 codes, and i32 classes. */
  readonly codes: number;
  readonly classes: number;
  /** u32 weights; 0 where nothing is weighed. */
  readonly out: number;
  /** 1 where the losses of soft targets are summed, else 0. */
  readonly losses: number;
}

export const PAGE = 65_536;
const GROUPS_BYTES = 4096;

/** Scratch tables of a worker, and codes (negative, positive, ignored) in each; see workers/kernels/tables.ts. */
export const SCRATCH_COPIES = 4;
export const CODES = 3;

const align = (bytes: number, to = 64): number => Math.ceil(bytes / to) * to;

/** Entries of a table of fine cells, and of one of weights by the top bits of z; none where there are no bits. */
export const fineEntries = (bits: number): number => (bits === 0 ? 0 : 2 * fineStride(bits));
export const weightEntries = (bits: number): number => (bits === 0 ? 0 : 2 ** bits);

/** u64 words of the losses of soft targets: four an entry, and two for those that are infinite. */
export const softLossWords = (thresholds: number): number => 4 * (NORM_CELLS + thresholds) + 2;

const COUNTER_BYTES = 16;

/** Bytes that sets take in all, with this many threads. */
export const setBytes = ({ sets, scratchSets, slots }: SetSpace, threads: number): number =>
  COUNTER_BYTES * slots * (sets + threads * scratchSets);

function arenaSizes(
  thresholds: number,
  chunkSamples: number,
  needs: BufferNeeds,
  { counted }: WindowTables,
  setSpace: SetSpace,
) {
  const { sets, scratchSets, slots } = setSpace;
  return {
    scratchCells: SCRATCH_COPIES * CODES * CELLS * 4,
    scratchSplits: 2 * thresholds * 4,
    totalCells: 2 * CELLS * 8,
    totalSplits: 2 * thresholds * 8,
    scratchFine: fineEntries(counted) * 4,
    totalFine: fineEntries(counted) * 8,
    totalIgnored: 8,
    totalLowBits: 4,
    scratchLosses: 8 * needs.losses * softLossWords(thresholds),
    totalLosses: 8 * needs.losses * softLossWords(thresholds),
    groups: GROUPS_BYTES,
    scratchSets: COUNTER_BYTES * scratchSets * slots,
    setCopies: 4 * 8 * slots,
    rowSets: sets > 0 ? 4 * chunkSamples : 0,
    raw: chunkSamples * needs.raw,
    logits: chunkSamples * needs.logits,
    labels: chunkSamples * needs.labels,
    operand: chunkSamples * needs.operand,
    codes: chunkSamples * needs.codes,
    classes: chunkSamples * needs.classes,
    out: chunkSamples * needs.out,
  };
}

/** Lays out the memory of a run. Pure: same arguments, same layout. */
export function layoutOf(
  threads: number,
  thresholds: number,
  chunkSamples: number,
  needs: BufferNeeds,
  window: WindowTables = NO_WINDOW,
  setSpace: SetSpace = NO_SETS,
): Layout {
  const first = HEADER_BYTES;
  const thresholdBits = align(first + (CELLS + 1) * 4);
  const beta = align(thresholdBits + thresholds * 4);
  const betaSplits = align(beta + 3 * CELLS * 4);
  const windowWeights = align(betaSplits + 2 * thresholds * 4);
  const piecePlaces = align(windowWeights + weightEntries(window.weighed) * 4);
  const pieceWeights = align(piecePlaces + window.pieces * 4);
  const setEntries = align(pieceWeights + window.pieces * 4);
  const setTable = align(setEntries + (setSpace.sets > 0 ? (3 * CELLS + 2 * thresholds) * 8 : 0));
  const firstArena = align(setTable + COUNTER_BYTES * setSpace.sets * setSpace.slots, PAGE);
  const sizes = Object.values(arenaSizes(thresholds, chunkSamples, needs, window, setSpace));
  const arenaBytes = align(
    sizes.reduce((sum, size) => sum + align(size), 0),
    PAGE,
  );
  const bytes = firstArena + threads * arenaBytes;
  return {
    threads,
    thresholds,
    chunkSamples,
    bytes,
    first,
    thresholdBits,
    beta,
    betaSplits,
    window,
    windowWeights,
    piecePlaces,
    pieceWeights,
    setSpace,
    setEntries,
    setTable,
    firstArena,
    arenaBytes,
  };
}

/** Addresses of worker `index`'s arena. */
export function arenaOf(layout: Layout, needs: BufferNeeds, index: number): Arena {
  let at = layout.firstArena + index * layout.arenaBytes;
  const place = (size: number): ByteOffset => {
    const here = at;
    at += align(size);
    return here;
  };
  const sizes = arenaSizes(layout.thresholds, layout.chunkSamples, needs, layout.window, layout.setSpace);
  return {
    scratchCells: place(sizes.scratchCells),
    scratchSplits: place(sizes.scratchSplits),
    totalCells: place(sizes.totalCells),
    totalSplits: place(sizes.totalSplits),
    scratchFine: place(sizes.scratchFine),
    totalFine: place(sizes.totalFine),
    totalIgnored: place(sizes.totalIgnored),
    totalLowBits: place(sizes.totalLowBits),
    scratchLosses: place(sizes.scratchLosses),
    totalLosses: place(sizes.totalLosses),
    groups: place(sizes.groups),
    scratchSets: place(sizes.scratchSets),
    setCopies: place(sizes.setCopies),
    rowSets: place(sizes.rowSets),
    raw: place(sizes.raw),
    logits: place(sizes.logits),
    labels: place(sizes.labels),
    operand: place(sizes.operand),
    codes: place(sizes.codes),
    classes: place(sizes.classes),
    out: place(sizes.out),
  };
}

/** Bytes of an arena. */
export interface Extent {
  readonly at: ByteOffset;
  readonly bytes: number;
}

const SCRATCH = [
  'scratchCells',
  'scratchSplits',
  'scratchFine',
  'scratchLosses',
  'groups',
  'scratchSets',
  'setCopies',
] as const;
const TOTALS = ['totalCells', 'totalSplits', 'totalFine', 'totalIgnored', 'totalLowBits', 'totalLosses'] as const;

/** Where worker `index` counts: the shard under way, kernels' lists among it, and all shards that it finished. */
export function countersOf(
  layout: Layout,
  needs: BufferNeeds,
  index: number,
): { readonly scratch: readonly Extent[]; readonly totals: readonly Extent[] } {
  const arena = arenaOf(layout, needs, index);
  const sizes = arenaSizes(layout.thresholds, layout.chunkSamples, needs, layout.window, layout.setSpace);
  const extents = (names: readonly (keyof Arena)[]) => names.map((name) => ({ at: arena[name], bytes: sizes[name] }));
  return { scratch: extents(SCRATCH), totals: extents(TOTALS) };
}
