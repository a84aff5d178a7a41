// TensorFlow.js on its CPU backend, in plain JavaScript: what runs without a native addon.
import { join } from 'node:path';
import type { Tensor1D } from '@tensorflow/tfjs';
import { betaOf, NpyArray } from './npy-arrays.ts';
import { importOrSkip, serve } from './serve.ts';

type TensorFlow = typeof import('@tensorflow/tfjs');

const CHUNK = 2 ** 20;

async function start(): Promise<TensorFlow> {
  const tf = await importOrSkip<TensorFlow>('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  return tf;
}

function regionsOf(tf: TensorFlow, logits: Float32Array, labels: Uint8Array, bins: number): Tensor1D {
  const g = tf.abs(tf.sub(tf.sigmoid(tf.tensor1d(logits)), tf.tensor1d(labels, 'int32').toFloat()));
  return tf.minimum(tf.mul(g, bins).toInt(), tf.scalar(bins - 1, 'int32')) as Tensor1D;
}

function addCounts(tf: TensorFlow, logits: Float32Array, labels: Uint8Array, counts: number[]): void {
  const chunk = tf.tidy(() => tf.bincount(regionsOf(tf, logits, labels, counts.length), [], counts.length).dataSync());
  for (let region = 0; region < counts.length; region++) counts[region] += chunk[region];
}

await serve({
  async load({ logits, labels, bins }) {
    const tf = await start();
    const x = NpyArray.open(logits);
    const loaded = x.read(new Float32Array(x.length));
    const targets = NpyArray.open(labels).read(new Uint8Array(x.length));
    return {
      tool: `TensorFlow.js ${tf.version.tfjs}, cpu`,
      async count() {
        const counts = new Array<number>(bins).fill(0);
        for (let i = 0; i < x.length; i += CHUNK) {
          addCounts(tf, loaded.subarray(i, i + CHUNK), targets.subarray(i, i + CHUNK), counts);
        }
        return () => counts;
      },
    };
  },

  async run({ logits, labels, bins, out }) {
    const tf = await start();
    const x = NpyArray.open(logits);
    const y = NpyArray.open(labels);
    const buffer = new Float32Array(CHUNK);
    const targets = new Uint8Array(CHUNK);
    const counts = new Array<number>(bins).fill(0);
    for (let i = 0; i < x.length; i += CHUNK) addCounts(tf, x.read(buffer, i), y.read(targets, i), counts);
    const beta = tf.tensor1d(betaOf(counts));
    const weights = NpyArray.create(join(out, 'tfjs.beta.npy'), x.length);
    for (let i = 0; i < x.length; i += CHUNK) {
      const made = tf.tidy(() =>
        tf.gather(beta, regionsOf(tf, x.read(buffer, i), y.read(targets, i), bins)).dataSync(),
      );
      weights.write(made as Float32Array, i);
    }
    weights.close();
    return counts;
  },
});
