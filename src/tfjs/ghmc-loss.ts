import type * as tf from '@tensorflow/tfjs';
import { BatchWeigher } from './batch-weigher.ts';
import { type GhmcOptions, ghmcOptions } from './loss-options.ts';
import { sigmoidParts, softmaxParts } from './sample-parts.ts';
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
      const parts =
        complete.scale.task === 'softmax' ? softmaxParts(rows, read) : sigmoidParts(rows, read, complete.scale);
      const { beta, total } = weigher.weigh(parts.unweighed, expectedLabels(read.kind, complete, width));
      return { ...parts, beta, total };
    });
}
