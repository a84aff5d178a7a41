import type { Part, Row, RowRange } from '../sources/source.ts';

/** Consecutive rows of one part. */
export interface Segment {
  /** Number of the part. */
  readonly part: number;
  readonly firstRow: Row;
  readonly rows: number;
}

/** The unit of work: done whole or not at all. Shards follow the stream, so shard order is row order. */
export interface Shard {
  readonly id: number;
  readonly segments: readonly Segment[];
  readonly samples: number;
}

const SMALLEST_SHARD = 1 << 20;
const LARGEST_SHARD = 1 << 23;
const SHARDS_WANTED = 256;
/** Of small files it is their number that takes time. */
const MOST_SEGMENTS = 128;
/** To find the rows of a shard in a table is work for every block there is. */
const BLOCK_SHARDS_WANTED = 48;

/** Samples a shard: enough shards for any machine, each large enough that its overhead vanishes. */
export function shardSamplesFor(totalSamples: number, inBlocks = false): number {
  const wanted = inBlocks ? BLOCK_SHARDS_WANTED : SHARDS_WANTED;
  return Math.min(LARGEST_SHARD, Math.max(SMALLEST_SHARD, Math.ceil(totalSamples / wanted)));
}

type Cuttable = Pick<Part, 'rows' | 'classes'> & Partial<Pick<Part, 'blocks'> & RowRange>;

/**
 * Cuts the stream, or the rows of its parts that are given, into shards of about `shardSamples`, or of MOST_SEGMENTS files, between
 * rows or blocks.
 * Pure; knows nothing of threads.
 */
export function planShards(parts: Iterable<Cuttable>, shardSamples: number): Shard[] {
  const shards: Shard[] = [];
  let segments: Segment[] = [];
  let samples = 0;
  const close = () => {
    if (segments.length > 0) shards.push({ id: shards.length, segments, samples });
    segments = [];
    samples = 0;
  };
  let part = -1;
  for (const { rows, classes, blocks, firstRow: from = 0, endRow = rows } of parts) {
    part++;
    if (classes === 0) continue;
    for (let firstRow = from; firstRow < endRow; ) {
      const room = Math.max(1, Math.floor((shardSamples - samples) / classes));
      const taken = cut(firstRow, room, endRow, blocks ?? null) - firstRow;
      // a block that does not fit is the next shard's
      if (taken > room && samples > 0) {
        close();
        continue;
      }
      segments.push({ part, firstRow, rows: taken });
      samples += taken * classes;
      firstRow += taken;
      if (samples + classes > shardSamples || segments.length === MOST_SEGMENTS) close();
    }
  }
  close();
  return shards;
}

/** Where a segment from `firstRow` of `room` rows ends: at the last block that begins within, or at the first one after. */
function cut(firstRow: Row, room: number, endRow: Row, blocks: readonly Row[] | null): Row {
  const end = Math.min(endRow, firstRow + room);
  if (blocks === null || end === endRow) return end;
  const after = lowerBound(blocks, end + 1);
  const last = blocks[after - 1] ?? 0;
  return last > firstRow ? last : Math.min(endRow, blocks[after] ?? endRow);
}

/** Number of elements below `value`. */
export function lowerBound(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Samples of the shards that are marked. */
export const samplesIn = (shards: readonly Shard[], marked: Uint8Array | null): number =>
  shards.reduce((sum, { id, samples }) => (marked?.[id] === 1 ? sum + samples : sum), 0);
