import type { Normalize } from '../options/options.ts';
import type { Scale } from './scale.ts';

/**
 * `density.json`: the mathematics of a run, and nothing of its circumstances, so that two equal runs are equal bytes.
 * Region j is [j/M, (j+1)/M), the last one closed at 1.
 */
export interface Density {
  readonly schema: 'ghm.density/1';
  readonly task: Scale['task'];
  /** Only where targets are soft. */
  readonly softTargets?: true | undefined;
  /** Only of a regression. */
  readonly mu?: number | undefined;
  readonly method: 'unit-region';
  /** M. */
  readonly bins: number;
  readonly normalize: Normalize;
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
  /** [M] GD = R_j * M. */
  readonly gradientDensity: readonly number[];
  /** [M] final weight of each region; 0 where it is empty. */
  readonly beta: readonly number[];
  /** Means over the counted samples; `null` where an infinite logit makes the mean infinite. */
  readonly loss: { readonly ce: number | null; readonly focal: number | null; readonly ghmc: number | null };
}
