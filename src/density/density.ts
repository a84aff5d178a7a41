import type { DensityMethod, Normalize } from '../options/options.ts';
import type { LossFields } from './loss.ts';
import type { Scale } from './scale.ts';

/**
 * `density.json`: the mathematics of a run, and nothing of its circumstances, so that two equal runs are equal bytes.
 * Region j is [j/M, (j+1)/M), the last one closed at 1.
 */
export interface Density extends LossFields {
  readonly schema: 'ghm.density/1';
  readonly task: Scale['task'];
  /** Only where targets are soft. */
  readonly softTargets?: true | undefined;
  /** Only of a regression. */
  readonly mu?: number | undefined;
  readonly method: DensityMethod;
  /** M. */
  readonly bins: number;
  /** Absent for windows: they have nothing to normalize by. */
  readonly normalize?: Normalize;
  /** Clip of beta; absent if none was asked for. */
  readonly maxWeight?: number;
  /** The weights were scaled to a mean of 1 over the counted samples; absent if that was not asked for. */
  readonly meanOne?: boolean;
  /** N, the samples counted. */
  readonly total: number;
  /** Samples left out: label weight 0, ignore label, or NaN where that is ignored. */
  readonly ignored: number;
  /** Regions with at least one sample. */
  readonly validBins: number;
  /** [M + 1] j / M. */
  readonly edges: readonly number[];
  /** [M] R_j. */
  readonly counts: readonly number[];
  /**
   * Only where the counts came from a partial whose cells these edges cut: at most this many samples are counted in a
   * region beside their own.
   */
  readonly countsUncertain?: number;
  /** [M] GD = R_j * M; for windows the mean over the samples of the region. */
  readonly gradientDensity: readonly number[];
  /** [M] final weight of each region, for windows the mean weight of its samples; 0 where it is empty. */
  readonly beta: readonly number[];
  /**
   * Means over the counted samples. With `groups` or `batches` that which weights are for is of their weights, `null` also
   * where a loss is 4096 or more.
   */
  readonly loss: LossFields['loss'];
  /** Only for windows: the density itself. */
  readonly window?: WindowDensity;
  /** Only with groups: their densities, whose weights are what is written. All else here is of all samples together. */
  readonly groups?: GroupDensities;
  /** Only with batches: what became of them, whose weights are what is written. All else here is of all samples together. */
  readonly batches?: BatchDensities;
}

/** The windowed density of equations (4)-(7) as a function of the gradient norm. */
export interface WindowDensity {
  /** Width of the window, in (0, 2]. */
  readonly epsilon: number;
  /** Bits of the fine cells by which float32 was counted; absent where only cells of 16 bits were, and for float16. */
  readonly fineBits?: number;
  /**
   * How far GD may be from the truth, relative to it, over the counted samples: |GD / true GD - 1| is certain to be no
   * more, before weights are scaled, clipped and rounded to the output's dtype. 0 for float16 logits.
   */
  readonly errorBound: { readonly max: number; readonly mean: number };
  /** Up to 200 gradient norms near which samples are, ascending, and GD and the final weight there. */
  readonly g: readonly number[];
  readonly gradientDensity: readonly number[];
  readonly beta: readonly number[];
  /** The weights themselves, constant over pieces of z: of logits x of a negative and -x of a positive, else what is counted. */
  readonly pieces: {
    /** Bits of the float32 z at which each piece begins, ascending in z; the first is that of -Infinity. */
    readonly from: readonly number[];
    /** Final weight of each piece; 0 where no sample is within reach of the window. */
    readonly beta: readonly number[];
    /** Error bound of the samples in each piece, rounded up to three digits; 0 where there are none. */
    readonly errorBound: readonly number[];
  };
}

/**
 * A density for each group, one entry a group in every list, by ascending value. `normalize`, `maxWeight` and `meanOne`
 * hold in each group by itself.
 */
export interface GroupDensities {
  /** Name of the column; `class` is the column of logits `[N, C]`. */
  readonly column: string;
  readonly values: readonly number[];
  /** N. */
  readonly total: readonly number[];
  readonly ignored: readonly number[];
  readonly validBins: readonly number[];
  /** [groups][M] R_j. */
  readonly counts: readonly (readonly number[])[];
  /** [groups][M] weights; 0 where a region is empty. */
  readonly beta: readonly (readonly number[])[];
  /** Mean weight over the counted samples; 0 without any. */
  readonly meanWeight: readonly number[];
  readonly loss: SetLosses;
}

/**
 * Mean losses over the counted samples of each set, as of the whole: that of the samples alone, and times their weights.
 * `null` without any samples, where a loss is 4096 or more, and for soft targets.
 */
export type SetLosses = Readonly<
  Partial<Record<'ce' | 'ghmc' | 'asl1' | 'ghmr', readonly (number | null)[] | undefined>>
>;

/**
 * A density for each mini-batch, by the moving average of the counts up to it. `normalize`, `maxWeight` and `meanOne` hold
 * in each batch by itself. The weights themselves are not here: the partial has what they are made of.
 */
export interface BatchDensities {
  /** `rows:N`, or `column:NAME`, of which `size` values make a batch. */
  readonly by: string;
  readonly size?: number;
  readonly momentum: number;
  readonly biasCorrection: boolean;
  /** Number of batches; the lists below have one entry a batch, of the first `MOST_LISTED` batches. */
  readonly count: number;
  readonly rows: readonly number[];
  readonly total: readonly number[];
  readonly validBins: readonly number[];
  readonly meanWeight: readonly number[];
  readonly loss: SetLosses;
}

/** Batches listed in density.json: a million would make it larger than the weights. */
export const MOST_LISTED = 10_000;
