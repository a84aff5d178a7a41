import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { TENSOR_ELEMENTS, tensorBytes } from '../../src/engines/tfjs/tensor-memory.ts';
import {
  distanceNorms,
  type Norms,
  regionsOf,
  sigmoidNorms,
  softmaxNorms,
  softNorms,
} from '../../workers/tensors/norms.ts';
import { onPlainJavaScript } from '../tfjs/quiet-tensors.ts';

onPlainJavaScript();

describe('the memory that is kept for tensors', () => {
  const n = TENSOR_ELEMENTS;
  const numbers = () => tf.randomUniform([n], -8, 8) as tf.Tensor1D;
  const [rows, classes] = [n / 64, 64];

  it.each<[string, () => Norms]>([
    ['sigmoid', () => sigmoidNorms(tf, numbers(), tf.cast(tf.equal(tf.zeros([n], 'int32'), 1), 'float32'))],
    ['soft', () => softNorms(tf, numbers(), tf.randomUniform([n]))],
    ['distance', () => distanceNorms(tf, tf.add(tf.sub(numbers(), numbers()), tf.sub(numbers(), numbers())), 0.02)],
    [
      'softmax',
      () =>
        softmaxNorms(tf, tf.randomUniform([rows, classes]) as tf.Tensor2D, tf.zeros([rows], 'int32') as tf.Tensor1D),
    ],
    [
      'softmax of one wide row',
      () => softmaxNorms(tf, tf.randomUniform([1, n]) as tf.Tensor2D, tf.zeros([1], 'int32') as tf.Tensor1D),
    ],
  ])('holds a batch of %s', async (_, norms) => {
    const { peakBytes } = await tf.profile(() => regionsOf(tf, norms().norms, 30));
    expect(peakBytes).toBeGreaterThan(8 * n);
    // classes as codes take some tensors more
    expect(peakBytes).toBeLessThan(0.9 * tensorBytes(n));
  });

  it('grows with rows that are wider than a batch, and with nothing else', () => {
    expect(tensorBytes(1)).toBe(tensorBytes(n));
    expect(tensorBytes(2 * n)).toBeGreaterThan(1.5 * tensorBytes(n));
    expect(tensorBytes(1)).toBeLessThan(12 * 2 ** 20);
  });
});
