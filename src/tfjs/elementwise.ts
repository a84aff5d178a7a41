import * as tf from '@tensorflow/tfjs';
import { DEFAULT_FOCAL } from '../density/loss.ts';

/**
 * Cross-entropy of logits and targets in [0, 1], of the same shape, one loss a sample; its gradient is p - p* (2).
 * Infinite only where an infinite logit is on the wrong side.
 */
export function crossEntropy(targets: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const none = tf.zerosLike(logits);
    // nothing times an infinite loss is no loss
    const asObject = tf.where(targets.greater(0), targets.mul(tf.softplus(logits.neg())), none);
    const asBackground = tf.where(targets.less(1), tf.sub(1, targets).mul(tf.softplus(logits)), none);
    return asObject.add(asBackground);
  });
}

/** ASL1 = sqrt(d^2 + mu^2) - mu of d = prediction - target, one loss a number; its gradient is d / sqrt(d^2 + mu^2). */
export function authenticSmoothL1(targets: tf.Tensor, predictions: tf.Tensor, mu: number): tf.Tensor {
  return tf.tidy(() => {
    const square = predictions.sub(targets).square();
    // the difference of two nearly equal roots would lose the digits of a small d
    return square.div(tf.sqrt(square.add(mu * mu)).add(mu));
  });
}

/**
 * The focal loss alpha_t (1 - p_t)^gamma CE of targets 0 and 1, the mean over the samples: for comparison, usable in
 * `model.compile`. Label weights, of a shape that goes with that of the logits or one a row, leave out at 0 or below.
 */
export function focalLoss({ gamma = DEFAULT_FOCAL.gamma, alpha = DEFAULT_FOCAL.alpha } = {}) {
  return (targets: tf.Tensor, logits: tf.Tensor, labelWeights?: tf.Tensor): tf.Scalar =>
    tf.tidy(() => {
      const g = tf.abs(tf.sigmoid(logits).sub(targets));
      const share = targets.mul(2 * alpha - 1).add(1 - alpha);
      const each = share.mul(tf.pow(g, gamma)).mul(crossEntropy(targets, logits));
      if (labelWeights === undefined) return tf.mean(each) as tf.Scalar;
      const isOneARow = labelWeights.rank < logits.rank;
      const counted = (isOneARow ? labelWeights.expandDims(-1) : labelWeights).greater(0);
      const counts = counted.toFloat().mul(tf.onesLike(each));
      return tf.sum(each.mul(counts)).div(tf.maximum(tf.sum(counts), 1)) as tf.Scalar;
    });
}
