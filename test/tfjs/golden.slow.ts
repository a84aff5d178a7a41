import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { reweight } from '../../src/index.ts';
import { ghmcLoss, ghmrLoss } from '../../src/tfjs/index.ts';
import { float32Of, hasRealData, npzMember, REAL } from '../real-data.ts';
import { folderOf } from '../sources/npy-files.ts';
import { onPlainJavaScript } from './quiet-tensors.ts';

// The losses on real detector outputs, against the values of two independent programs: see test/real-data.ts.

onPlainJavaScript();

const ANCHORS = 9180;
const IMAGES = 72;
const at = (name: string): string => `${REAL}/${name}`;
/** The bytes after a header of 128. */
const data = (name: string): ArrayBuffer => new Uint8Array(readFileSync(at(name))).buffer.slice(128);
const golden = () => JSON.parse(readFileSync(at('golden.json'), 'utf8')).splits.test;
const near = (found: number, expected: number, tolerance: number) =>
  expect(Math.abs(found / expected - 1), `${found}, expected ${expected}`).toBeLessThan(tolerance);

interface GoldenBatch {
  readonly loss: number;
}

describe.runIf(hasRealData)('the outputs of a detector on 72 images', () => {
  const logits = hasRealData ? new Float32Array(data('logits.npy')) : new Float32Array();
  const labels = hasRealData ? Int32Array.from(new BigInt64Array(data('labels.npy')), Number) : new Int32Array();
  const weights = hasRealData ? new Float32Array(data('label_weights.npy')) : new Float32Array();
  /** The loss of images first..first + count - 1. */
  const lossOf = (loss: ReturnType<typeof ghmcLoss>, first: number, count: number): number =>
    tf.tidy(() => {
      const [from, to] = [first * ANCHORS, (first + count) * ANCHORS];
      const x = tf.tensor2d(logits.subarray(3 * from, 3 * to), [to - from, 3]);
      const given = tf.tensor1d(labels.subarray(from, to), 'int32');
      return loss(given, x, tf.tensor1d(weights.subarray(from, to))).dataSync()[0];
    });

  it.each([10, 30])('as one batch have the golden GHM-C loss of %i regions', (bins) => {
    near(lossOf(ghmcLoss({ bins }), 0, IMAGES), golden()[`ghmc_bins${bins}`].loss, 1e-5);
  });

  it.each([10, 30])('in batches of four have the golden losses of momentum 0.75 and %i regions', (bins) => {
    const loss = ghmcLoss({ bins, momentum: 0.75 });
    const batches: GoldenBatch[] = golden()[`ghmc_bins${bins}_momentum0.75`].batches;
    expect(batches).toHaveLength(IMAGES / 4);
    for (const [batch, { loss: expected }] of batches.entries()) near(lossOf(loss, 4 * batch, 4), expected, 1e-5);
  });

  it.each([
    [{ bins: 30 }, 'ghmc_bins30'],
    [{ density: 'window', epsilon: 0.1 }, 'exact_eps1_10'],
  ] as const)('weighed by what ghm made of them, %j, have the golden loss %s', async (options, name) => {
    const out = `${folderOf()}/out`;
    await reweight({
      logits: at('logits.npy'),
      labels: at('labels.npy'),
      labelWeights: at('label_weights.npy'),
      ...options,
      out,
    });
    const density: unknown = JSON.parse(readFileSync(`${out}/density.json`, 'utf8'));
    near(lossOf(ghmcLoss({ density }), 0, IMAGES), golden()[name].loss, 1e-4);
  });

  it.each([10, 30])('have the golden GHM-R loss of %i regions', (bins) => {
    const numbers = (name: string) => float32Of(npzMember(at('regression.npz'), name));
    const found = tf.tidy(() => {
      const [targets, predictions, valid] = ['bbox_target', 'bbox_pred', 'bbox_weights'].map((name) =>
        tf.tensor2d(numbers(name), [ANCHORS * IMAGES, 4]),
      );
      return ghmrLoss({ bins })(targets, predictions, valid).dataSync()[0];
    });
    near(found, golden()[`ghmr_bins${bins}`].loss, 1e-5);
  });
});
