import * as tf from '@tensorflow/tfjs';
import { usageError } from '../errors.ts';
import { BatchWeigher } from './batch-weigher.ts';
import { authenticSmoothL1 } from './elementwise.ts';
import { type GhmrOptions, ghmrOptions } from './loss-options.ts';
import { State } from './sample-states.ts';
import { rowWidth, withWeights } from './targets.ts';
import { type TensorLoss, weightedLoss } from './weighted-loss.ts';

/**
 * GHM-R, L = (1/N) sum beta ASL1, as a function of targets and predictions of one shape, in the order of `model.compile`, and
 * of box weights, one a row or a number, where there are any: 0 or below leaves out. Weights are constants under the
 * gradient, which is beta d / (N sqrt(d^2 + mu^2)). As `ghmcLoss` in all else.
 *
 * @throws GhmError: exit code 2 for options and shapes, 3 (when called) for NaN
 */
export function ghmrLoss(options: GhmrOptions = {}): TensorLoss {
  const { mu, weights, nonFinite, reduction } = ghmrOptions(options);
  const weigher = new BatchWeigher(weights, nonFinite);
  return (targets, predictions, boxWeights) =>
    weightedLoss(predictions, reduction, (x) => {
      if (targets.size !== x.size) {
        throw usageError(`targets of shape [${targets.shape}]: expected one for each of the predictions [${x.shape}]`);
      }
      const width = rowWidth(x);
      const shape: [number, number] = [x.size / Math.max(width, 1), width];
      const counted = tf.fill(shape, State.firstRegion, 'int32') as tf.Tensor2D;
      const read = withWeights({ states: counted, targets: targets.toFloat().reshape(shape) }, boxWeights, ...shape);
      const distances = x.toFloat().reshape(shape).sub(read.targets);
      const hasNaN = tf.isNaN(distances).logicalAnd(read.states.equal(State.firstRegion));
      const states = tf.where(hasNaN, tf.fill(shape, State.nan, 'int32'), read.states);
      const d = tf.where(states.equal(State.firstRegion), distances, tf.zerosLike(distances));
      const gradients = sigmoidOfDistance(d, mu);
      const margins = () => d.abs();
      const { beta, total } = weigher.weigh({ norms: gradients.abs(), states, margins }, 'numbers');
      return { losses: authenticSmoothL1(tf.zerosLike(d), d, mu), gradients, beta, total };
    });
}

/** d / sqrt(d^2 + mu^2), also where d^2 would be infinite. */
const sigmoidOfDistance = (d: tf.Tensor, mu: number): tf.Tensor =>
  tf.sign(d).div(tf.sqrt(tf.square(tf.div(mu, d)).add(1)));
