// A small one-stage head in TensorFlow.js, trained with one of four losses.
import * as tf from '@tensorflow/tfjs';
import { crossEntropy, focalLoss, ghmcLoss } from 'ghm-reweight/tfjs';
import { ANCHORS, CLASSES, FEATURES } from './images.mjs';

/** The losses, each a function of labels, logits and label weights; `density` is what ghm made of the training images. */
export const LOSSES = {
  'cross-entropy': () => meanCrossEntropy,
  focal: () => (labels, logits, weights) => focalLoss()(targetsOf(labels), logits, weights),
  'GHM-C, density of the batch': () => ghmcLoss({ bins: 30, momentum: 0.75, biasCorrection: true }),
  'GHM-C, density of everything': (density) => ghmcLoss({ density }),
};

const targetsOf = (labels) => tf.oneHot(labels, CLASSES).toFloat();

function meanCrossEntropy(labels, logits, weights) {
  const counts = weights.greater(0).toFloat().expandDims(1);
  const each = crossEntropy(targetsOf(labels), logits).mul(counts);
  return each.sum().div(counts.sum().mul(CLASSES));
}

/** What a 1x1 convolution with one hidden layer is: the same for each location. Starts at p = 0.01, as in RetinaNet. */
function makeHead(seed) {
  const kernelInitializer = (offset) => tf.initializers.glorotUniform({ seed: 2 * seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [FEATURES],
        units: 32,
        activation: 'relu',
        kernelInitializer: kernelInitializer(0),
      }),
      tf.layers.dense({
        units: ANCHORS * CLASSES,
        kernelInitializer: kernelInitializer(1),
        biasInitializer: tf.initializers.constant({ value: -Math.log(99) }),
      }),
    ],
  });
}

/**
 * Trains a head, one image a step, and scores images that it has not seen after each epoch.
 *
 * @returns per epoch the mean training loss, and the scores of each image of `test`
 */
export function trainHead({ train, test, loss, epochs, seed, learningRate = 0.01 }) {
  const head = makeHead(seed);
  const optimizer = tf.train.adam(learningRate);
  const history = [];
  const inputsOf = ({ inputs }) => tf.tensor2d(inputs, [inputs.length / FEATURES, FEATURES]);
  const logitsOf = (image) => head.predict(inputsOf(image)).reshape([-1, CLASSES]);
  const step = (image) =>
    tf.tidy(() => {
      const [labels, weights] = [tf.tensor1d(image.labels, 'int32'), tf.tensor1d(image.weights)];
      return optimizer.minimize(() => loss(labels, logitsOf(image), weights), true).dataSync()[0];
    });
  const scoresOf = (image) => {
    const logits = tf.tidy(() => logitsOf(image));
    const scores = logits.dataSync();
    logits.dispose();
    return scores;
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    const losses = train.map((_, i) => step(train[(i + epoch + seed) % train.length]));
    history.push({
      loss: losses.reduce((sum, value) => sum + value, 0) / losses.length,
      scores: test.map(scoresOf),
    });
  }
  head.dispose();
  optimizer.dispose();
  return history;
}
