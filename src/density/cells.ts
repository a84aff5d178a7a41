import type { CountedSets } from './counted-sets.ts';
import type { FineCounts } from './fine-cells.ts';
import type { Scale } from './scale.ts';
import type { SoftLosses } from './soft-losses.ts';

/**
 * The sufficient statistic. A cell is the top 16 bits of a float32 (a logit, or the number that `scale.ts` has for
 * the task), or a whole float16 logit. Cells that an edge of a unit region cuts are split further: `splits` holds, for
 * each threshold of the partition, the samples of its piece.
 */

/** Top 16 bits of a float32 (`float32`), or the bits of a float16 (`float16`). */
export type CellKind = 'float32' | 'float16';
/** 0..65535 */
export type Cell = number;

export const CELLS = 65_536;
/** Index of the tables. */
export const NEGATIVE = 0;
export const POSITIVE = 1;

/** Bits that such numbers may have set among the lower 16 when they are widened to float32. */
export const WIDENED_LOW_BITS = { float16: 0xe000, bfloat16: 0 } as const;

/** How samples are counted. Counts of one grid add up. */
export interface Grid {
  readonly kind: CellKind;
  /** What is counted, and how it stands to g. */
  readonly scale: Scale;
  /** M whose regions are exact. */
  readonly bins: number;
}

/** Exact counts of one stream of samples. Sums of two are exact, in any order. */
export interface CellCounts extends Grid {
  /** [2][CELLS], negatives and positives: samples in the cell. NaN cells are 0. Integers below 2^53. */
  readonly cells: readonly [Float64Array, Float64Array];
  /**
   * [2][thresholds of the partition]: samples of the piece that begins at each threshold; the rest of a cut cell lies
   * below its first threshold. Empty for float16.
   */
  readonly splits: readonly [Float64Array, Float64Array];
  /** Samples left out. */
  readonly ignored: number;
  /**
   * Bits that any float32 had set among the lower 16, those left out too; absent where all 16 were, or nobody looked. Where
   * the lowest are 0 the numbers were float16 or bfloat16 once, and lie at few places of their cells.
   */
  readonly lowBits?: number | undefined;
  /** Only where batches or groups were asked for: the same samples, by set. */
  readonly sets?: CountedSets;
  /** Finer counts of the same samples, for windows; absent where none were asked for, and for float16. */
  readonly fine?: FineCounts;
  /** Only where targets are soft. */
  readonly softLosses?: SoftLosses | undefined;
  /** Only where they are of shards of a stream that were not merged to the whole. */
  readonly shards?: CountedShards;
}

/** Some of the shards that a stream was cut into. */
export interface CountedShards {
  /** How many there are. */
  readonly of: number;
  /** Shards of one plan add up to one stream. */
  readonly plan: string;
  /** Ascending, from 1. */
  readonly indices: readonly number[];
}
