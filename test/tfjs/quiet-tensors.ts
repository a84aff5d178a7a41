import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll } from 'vitest';
import { tensorBackend } from '../../src/tfjs/index.ts';

/** Plain JavaScript computes in the tests of this file, without TensorFlow.js's advice to install something else. */
export function onPlainJavaScript(): void {
  beforeAll(async () => {
    tf.env().set('PROD', true);
    await tensorBackend('cpu');
    tf.engine().startScope();
  });
  afterAll(() => tf.engine().endScope());
}
