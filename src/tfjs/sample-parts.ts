import * as tf from '@tensorflow/tfjs';
import { quantityOf, type Scale } from '../density/scale.ts';
import type { Unweighed } from './batch-weigher.ts';
import { crossEntropy } from './elementwise.ts';
import { type Samples, State } from './sample-states.ts';

/** The samples of a batch before they are weighed. */
export interface SampleParts {
  readonly unweighed: Unweighed;
  /** One a sample. */
  readonly losses: tf.Tensor;
  /** Of the losses by the logits, `[R, C]`. */
  readonly gradients: tf.Tensor;
}

/** One sample a logit: g = |p - p*|. */
export function sigmoidParts(logits: tf.Tensor2D, { targets, states }: Samples, scale: Scale): SampleParts {
  const known = withNaN(states, tf.isNaN(logits));
  const x = tf.where(isCounted(known), logits, tf.zerosLike(logits));
  const gradients = tf.sub(tf.sigmoid(x), targets);
  const norms = gradients.abs();
  const margins = () => (quantityOf(scale) === 'norm' ? norms : x.mul(tf.sub(1, targets.mul(2))));
  return { unweighed: { norms, states: known, margins }, losses: crossEntropy(targets, x), gradients };
}

/** One sample a row: g = 1 - p_y = sigmoid(z), z = logsumexp of the other logits - x_y. */
export function softmaxParts(logits: tf.Tensor2D, { targets, states }: Samples): SampleParts {
  const [rows, width] = logits.shape;
  const known = withNaN(rowStates(targets, states), hasNoSoftmax(logits));
  const counted = tf.tile(isCounted(known).reshape([rows, 1]), [1, width]);
  const x = tf.where(counted, logits, tf.zerosLike(logits)) as tf.Tensor2D;
  const z = rowMargins(x, targets.greater(0));
  return {
    unweighed: { norms: tf.sigmoid(z), states: known, margins: () => z },
    losses: tf.softplus(z),
    gradients: tf.softmax(x).sub(targets),
  };
}

const isCounted = (states: tf.Tensor): tf.Tensor => states.equal(State.firstRegion);

const filled = (like: tf.Tensor, state: number): tf.Tensor => tf.fill(like.shape, state, 'int32');

/** States where what counts and has no gradient norm is known as that. */
const withNaN = (states: tf.Tensor, hasNone: tf.Tensor): tf.Tensor =>
  tf.where(hasNone.logicalAnd(isCounted(states)), filled(states, State.nan), states);

/** The state of each row: it counts where all of it does and one of its targets is 1. */
function rowStates(targets: tf.Tensor2D, states: tf.Tensor2D): tf.Tensor {
  const own = tf.min(states, 1);
  const hasOneClass = tf.sum(targets, 1).equal(1);
  return tf.where(isCounted(own).logicalAnd(hasOneClass.logicalNot()), filled(own, State.badLabel), own);
}

/** Rows with NaN, with Infinity in more than one class, or with -Infinity in every class. */
function hasNoSoftmax(logits: tf.Tensor2D): tf.Tensor {
  const isUnknown = tf.any(tf.isNaN(logits), 1);
  const isNothing = tf.all(tf.equal(logits, Number.NEGATIVE_INFINITY), 1);
  const isMany = tf.sum(tf.equal(logits, Number.POSITIVE_INFINITY).toInt(), 1).greater(1);
  return isUnknown.logicalOr(isNothing).logicalOr(isMany);
}

function rowMargins(x: tf.Tensor2D, isClass: tf.Tensor): tf.Tensor {
  const others = tf.where(isClass, tf.fill(x.shape, Number.NEGATIVE_INFINITY), x);
  const most = tf.max(others, 1);
  // an infinite maximum is the sum itself
  const sum = tf.where(tf.isInf(most), most, tf.logSumExp(others, 1));
  return sum.sub(tf.sum(tf.where(isClass, x, tf.zerosLike(x)), 1));
}
