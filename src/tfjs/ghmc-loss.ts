import * as tf from '@tensorflow/tfjs';
import { BatchWeigher, type Unweighed } from './batch-weigher.ts';
import { crossEntropy } from './elementwise.ts';
import { type CompleteGhmcOptions, type GhmcOptions, ghmcOptions } from './loss-options.ts';
import { State } from './sample-states.ts';
import { expectedLabels, readTargets, rowWidth } from './targets.ts';
import { type TensorLoss, weightedLoss } from './weighted-loss.ts';

/**
 * GHM-C, L = (1/N) sum beta CE (8), as a function of labels and logits, in the order of `model.compile`, and of label
 * weights where there are any. Weights are constants under the gradient, which is beta (p - p*) / N.
 *
 * Logits are `[N]` or `[.., C]`, before the sigmoid or softmax. Labels are of the same shape, or one class index a row;
 * label weights, one a row or a sample, leave out at 0 or below. A call counts its own batch, and moves the average on where
 * there is a momentum: give validation a loss of its own. Counts are read back from the backend in every call, which all
 * backends but webgpu can do at once.
 *
 * @throws GhmError: exit code 2 for options and shapes, 3 (when called) for NaN and for labels that are not allowed
 */
export function ghmcLoss(options: GhmcOptions = {}): TensorLoss {
  const complete = ghmcOptions(options);
  const weigher = new BatchWeigher(complete.weights, complete.nonFinite);
  return (labels, logits, labelWeights) =>
    weightedLoss(logits, complete.reduction, (x) => {
      const width = rowWidth(x);
      const read = readTargets(labels, x, labelWeights, complete);
      const rows = x.toFloat().reshape(read.targets.shape) as tf.Tensor2D;
      const parts = complete.scale.task === 'softmax' ? softmaxParts(rows, read) : sigmoidParts(rows, read, complete);
      const { beta, total } = weigher.weigh(parts.unweighed, expectedLabels(read.kind, complete, width));
      return { ...parts, beta, total };
    });
}

interface Read {
  readonly targets: tf.Tensor2D;
  readonly states: tf.Tensor2D;
}

interface Parts {
  readonly unweighed: Unweighed;
  readonly losses: tf.Tensor;
  readonly gradients: tf.Tensor;
}

/** One sample a logit. */
function sigmoidParts(logits: tf.Tensor2D, { targets, states }: Read, { scale }: CompleteGhmcOptions): Parts {
  const hasNaN = tf.isNaN(logits).logicalAnd(states.equal(State.firstRegion));
  const known = tf.where(hasNaN, tf.fill(states.shape, State.nan, 'int32'), states);
  const x = tf.where(known.equal(State.firstRegion), logits, tf.zerosLike(logits));
  const gradients = tf.sub(tf.sigmoid(x), targets);
  const norms = gradients.abs();
  const isSoft = scale.task === 'classification' && scale.softTargets;
  const margins = () => (isSoft ? norms : x.mul(tf.sub(1, targets.mul(2))));
  return { unweighed: { norms, states: known, margins }, losses: crossEntropy(targets, x), gradients };
}

/** One sample a row. */
function softmaxParts(logits: tf.Tensor2D, { targets, states }: Read): Parts {
  const [rows, width] = logits.shape;
  const ofRow = tf.min(states, 1);
  const isBad = tf
    .isNaN(logits)
    .any(1)
    .logicalOr(tf.all(tf.equal(logits, Number.NEGATIVE_INFINITY), 1));
  const isMany = tf.sum(tf.equal(logits, Number.POSITIVE_INFINITY).toInt(), 1).greater(1);
  const hasNaN = isBad.logicalOr(isMany).logicalAnd(ofRow.equal(State.firstRegion));
  const isOne = tf.sum(targets, 1).equal(1);
  const labelled = tf.where(
    isOne.logicalOr(ofRow.notEqual(State.firstRegion)),
    ofRow,
    tf.fill([rows], State.badLabel, 'int32'),
  );
  const known = tf.where(hasNaN, tf.fill([rows], State.nan, 'int32'), labelled);
  const counts = tf.tile(known.equal(State.firstRegion).reshape([rows, 1]), [1, width]);
  const x = tf.where(counts, logits, tf.zerosLike(logits));
  const isClass = targets.greater(0);
  const none = tf.zerosLike(x);
  const others = tf.where(isClass, tf.fill(x.shape, Number.NEGATIVE_INFINITY), x);
  const most = tf.max(others, 1);
  // an infinite maximum is the sum itself
  const sum = tf.where(tf.isInf(most), most, tf.logSumExp(others, 1));
  const z = sum.sub(tf.sum(tf.where(isClass, x, none), 1));
  const g = tf.sigmoid(z);
  return {
    unweighed: { norms: g, states: known, margins: () => z },
    losses: tf.softplus(z),
    gradients: tf.softmax(x).sub(targets),
  };
}
