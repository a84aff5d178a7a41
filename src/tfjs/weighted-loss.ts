import * as tf from '@tensorflow/tfjs';
import type { Reduction } from './loss-options.ts';

/** Usable as a loss of `model.compile`, which gives labels and outputs, and in a loop of one's own. */
export type TensorLoss = (labels: tf.Tensor, outputs: tf.Tensor, labelWeights?: tf.Tensor) => tf.Tensor;

/** Samples of one call; `gradients` are those of the losses by the outputs, without their weights. */
export interface LossParts {
  /** `[R, C]`, or one a row. */
  readonly losses: tf.Tensor;
  /** Of the shape of the losses; 0 where a sample is left out. */
  readonly beta: tf.Tensor;
  /** `[R, C]`, as the outputs. */
  readonly gradients: tf.Tensor;
  /** N. */
  readonly total: number;
}

/**
 * A loss whose weights are constants: the tape would look for a way through the counts and the look-up, and there is none, so the
 * gradient is given.
 */
export function weightedLoss(
  outputs: tf.Tensor,
  reduction: Reduction,
  partsOf: (x: tf.Tensor) => LossParts,
): tf.Tensor {
  const loss = tf.customGrad((...inputs) => {
    const [x, save] = inputs as [tf.Tensor, (tensors: tf.Tensor[]) => void];
    const { losses, beta, gradients, total } = partsOf(x);
    // no weight times an infinite loss is no loss
    const weighed = tf.where(beta.greater(0), beta.mul(losses), tf.zerosLike(beta));
    const isOneARow = beta.rank === 1;
    const each = isOneARow ? beta.reshape([beta.size, 1]) : beta;
    const whole = reduction === 'mean' ? Math.max(total, 1) : 1;
    const byOutputs = each.mul(gradients).div(whole).reshape(x.shape);
    save([byOutputs]);
    const lossShape = isOneARow ? x.shape.slice(0, -1) : x.shape;
    return {
      value: reduction === 'none' ? weighed.reshape(lossShape) : tf.sum(weighed).div(whole),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        saved[0].mul(isOneARow && reduction === 'none' ? dy.expandDims(-1) : dy),
    };
  });
  return loss(outputs);
}
