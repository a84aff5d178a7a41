import type * as tf from '@tensorflow/tfjs';
import { inputError } from '../errors.ts';
import type { NonFinite } from '../options/options.ts';

/** What a sample is, in the order in which samples are counted; those that count follow, region by region. */
export const State = { ignored: 0, nan: 1, badLabel: 2, badWeight: 3, firstRegion: 4 } as const;

/** How many samples are in each state that keeps them from counting. */
export type StateCounts = ArrayLike<number>;

/** @throws GhmError (exit code 3) where samples are there that must not be */
export function checkStates(counts: StateCounts, nonFinite: NonFinite, expected: string): void {
  const [nan, badLabel, badWeight] = [counts[State.nan], counts[State.badLabel], counts[State.badWeight]];
  if (badLabel > 0) throw inputError(`labels: expected ${expected}, found something else in ${samples(badLabel)}`);
  if (badWeight > 0) throw inputError(`label weights: expected numbers, found NaN for ${samples(badWeight)}`);
  if (nan > 0 && nonFinite === 'error') {
    throw inputError(
      `expected numbers that have a gradient norm, found NaN in ${samples(nan)}; nonFinite: 'ignore' leaves such samples out`,
    );
  }
}

const samples = (count: number): string => (count === 1 ? '1 sample' : `${count} samples`);

/** Samples of one call, in rows: `[R, C]`. */
export interface Samples {
  /** int32, a state below `firstRegion` where a sample is left out, else `firstRegion`. */
  readonly states: tf.Tensor2D;
  /** Targets, 0 where a sample is left out. */
  readonly targets: tf.Tensor2D;
}
