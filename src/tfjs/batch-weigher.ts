import * as tf from '@tensorflow/tfjs';
import { betaAt } from '../density/beta-at.ts';
import { MovingCounts } from '../density/moving-counts.ts';
import { regionWeights } from '../density/region-weights.ts';
import type { NonFinite } from '../options/options.ts';
import type { WeightSource } from './loss-options.ts';
import { checkStates, State } from './sample-states.ts';

/** Samples counted at a time: no backend counts above 2^24 exactly, and sums of more are added in JavaScript. */
const COUNTED_AT_ONCE = 2 ** 23;

/** What is weighed: tensors of one shape. */
export interface Unweighed {
  /** Gradient norms; anything where a sample is left out. */
  readonly norms: tf.Tensor;
  /** int32 `State`, `firstRegion` where a sample counts. */
  readonly states: tf.Tensor;
  /** z of the samples, for the density of windows. */
  readonly margins: () => tf.Tensor;
}

export interface Weighed {
  /** Of the same shape; 0 where a sample is left out. */
  readonly beta: tf.Tensor;
  /** N. */
  readonly total: number;
}

/** The weights of one batch after the other. It keeps numbers, and no tensors. */
export class BatchWeigher {
  private readonly source: WeightSource;
  private readonly nonFinite: NonFinite;
  private readonly moving: MovingCounts | null;

  constructor(source: WeightSource, nonFinite: NonFinite) {
    this.source = source;
    this.nonFinite = nonFinite;
    this.moving = source.by === 'batch' ? new MovingCounts(source.bins, source.momentum) : null;
  }

  /**
   * Counts a batch and weighs it. Reads the counts back from the backend, at once.
   *
   * @param labels what labels are expected, for the message
   * @throws GhmError (exit code 3) for NaN and for labels that are not allowed
   */
  weigh({ norms, states, margins }: Unweighed, labels: string): Weighed {
    const bins = this.source.by === 'batch' ? this.source.bins : this.source.density.bins;
    const counts = tf.tidy(() => tf.equal(states, State.firstRegion));
    const regions = tf.minimum(tf.floor(norms.mul(bins)), bins - 1).toInt();
    // NaN is of no region, whatever a backend makes of it
    const known = tf.where(counts, regions, tf.zerosLike(regions));
    const found = countsOf(tf.add(states, known), State.firstRegion + bins);
    checkStates(found, this.nonFinite, labels);
    const ofRegions = found.slice(State.firstRegion);
    const total = ofRegions.reduce((sum, count) => sum + count, 0);
    const beta = this.weights(ofRegions, known, margins);
    return { beta: tf.where(counts, beta, tf.zerosLike(beta)), total };
  }

  private weights(counts: number[], regions: tf.Tensor, margins: () => tf.Tensor): tf.Tensor {
    const { source, moving } = this;
    if (source.by === 'density') {
      return source.density.window
        ? weightsAt(margins(), betaAt(source.density))
        : lookUp(source.density.beta, regions);
    }
    const crowds = moving?.next(counts) ?? counts;
    return lookUp(regionWeights(counts, crowds, source.rule), regions);
  }
}

const lookUp = (beta: readonly number[], regions: tf.Tensor): tf.Tensor =>
  tf.gather(tf.tensor1d([...beta], 'float32'), regions as tf.Tensor1D);

/** Weights that are no function of a region: one after the other, in JavaScript. */
function weightsAt(margins: tf.Tensor, at: (z: number) => number): tf.Tensor {
  const values = margins.dataSync();
  return tf.tensor(
    Float32Array.from(values, (z) => (Number.isNaN(z) ? 0 : at(z))),
    margins.shape,
  );
}

/** How many of the integers are 0, 1, .., `size` - 1. */
function countsOf(values: tf.Tensor, size: number): number[] {
  const flat = values.flatten();
  const counts = new Array<number>(size).fill(0);
  for (let from = 0; from < flat.size; from += COUNTED_AT_ONCE) {
    const slice = flat.slice(from, Math.min(COUNTED_AT_ONCE, flat.size - from)).toInt();
    // whole weights: of floats some backends stop at 2^24
    const found = tf.bincount(slice as tf.Tensor1D, tf.onesLike(slice) as tf.Tensor1D, size).dataSync();
    for (let i = 0; i < size; i++) counts[i] += found[i];
  }
  return counts;
}
