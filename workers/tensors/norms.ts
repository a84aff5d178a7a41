import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../src/tfjs/backend.ts';

// The arithmetic of the engine of tensors: the equations as they are written, in float32, one operation after the other.

/** What is counted and its gradient norm, one a sample. */
export interface Norms {
  readonly norms: Tensor;
  /** The number that cells are of, where it is not the logit itself; see src/density/scale.ts. */
  readonly values?: Tensor;
}

/** g = |p - p*|, p = sigmoid(x). */
export const sigmoidNorms = (tf: TensorFlow, logits: Tensor, targets: Tensor): Norms => ({
  norms: tf.abs(tf.sub(tf.sigmoid(logits), targets)),
});

/** The same of soft targets, whose norm is what is counted, and their cross-entropy. */
export function softNorms(
  tf: TensorFlow,
  logits: Tensor,
  targets: Tensor,
): Required<Norms> & { readonly losses: Tensor } {
  const { norms } = sigmoidNorms(tf, logits, targets);
  const none = tf.zerosLike(logits);
  // nothing times an infinite loss is no loss
  const asObject = tf.where(tf.greater(targets, 0), tf.mul(targets, tf.softplus(tf.neg(logits))), none);
  const asBackground = tf.where(tf.less(targets, 1), tf.mul(tf.sub(1, targets), tf.softplus(logits)), none);
  return { norms, values: norms, losses: tf.add(asObject, asBackground) };
}

/** g = sigmoid(z) = 1 - p_y of rows `[R, C]`, z = logsumexp of the other logits - x_y; z = 0 for a class below 0. */
export function softmaxNorms(tf: TensorFlow, logits: Tensor2D, classes: Tensor1D): Required<Norms> {
  const isClass = tf.greater(tf.oneHot(classes, logits.shape[1]), 0);
  const others = tf.where(isClass, tf.fill(logits.shape, Number.NEGATIVE_INFINITY), logits);
  const most = tf.max(others, 1);
  // an infinite maximum is the sum itself
  const sum = tf.where(tf.isInf(most), most, tf.logSumExp(others, 1));
  const own = tf.sum(tf.where(isClass, logits, tf.zerosLike(logits)), 1);
  const z = tf.where(tf.greaterEqual(classes, 0), tf.sub(sum, own), tf.zerosLike(own));
  return { norms: tf.sigmoid(z), values: z };
}

/** g = |d| / sqrt(d^2 + mu^2), written so that no square is infinite. */
export function distanceNorms(tf: TensorFlow, differences: Tensor, mu: number): Required<Norms> {
  const values = tf.abs(differences);
  return { norms: tf.div(1, tf.sqrt(tf.add(tf.square(tf.div(mu, values)), 1))), values };
}

/** Unit region of each norm; anything for NaN. */
export const regionsOf = (tf: TensorFlow, norms: Tensor, bins: number): Tensor =>
  tf.cast(tf.minimum(tf.floor(tf.mul(norms, bins)), bins - 1), 'int32');
