import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authenticSmoothL1, crossEntropy, focalLoss, ghmcLoss, ghmrLoss } from '../../src/tfjs/index.ts';
import { onPlainJavaScript } from './quiet-tensors.ts';

// Automatic differentiation as the oracle of the mathematics: what the equations say, in double precision.

onPlainJavaScript();

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const gradientOf = (loss: (x: tf.Tensor) => tf.Tensor, at: readonly number[]): number[] =>
  tf.tidy(() =>
    Array.from(
      tf
        .grad((x: tf.Tensor) => tf.sum(loss(x)))(tf.tensor1d([...at]))
        .dataSync(),
    ),
  );

function near(found: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(found[i] - value), `entry ${i}: ${found[i]}, expected ${value}`).toBeLessThanOrEqual(tolerance);
  }
}

/** Weights by counts as the released code has them. */
function betaOf(norms: readonly number[], bins: number): number[] {
  const regions = norms.map((g) => Math.min(bins - 1, Math.floor(g * bins)));
  const counts = new Array<number>(bins).fill(0);
  for (const region of regions) counts[region]++;
  const valid = counts.filter((count) => count > 0).length;
  return regions.map((region) => norms.length / (counts[region] * valid));
}

const float32 = (min: number, max: number) => fc.float({ min, max, noNaN: true });
const samples = fc.array(fc.tuple(float32(-12, 12), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 60 });
const targetsOf = (pairs: readonly (readonly [number, number])[]) => pairs.map(([, target]) => target);
const valuesOf = (pairs: readonly (readonly [number, number])[]) => pairs.map(([value]) => value);

describe('the gradient, by automatic differentiation,', () => {
  it('of the cross-entropy is p - p* (2), of soft targets too', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(float32(-20, 20), float32(0, 1)), { minLength: 1 }), (pairs) => {
        const found = gradientOf((x) => crossEntropy(tf.tensor1d(targetsOf(pairs)), x), valuesOf(pairs));
        near(
          found,
          pairs.map(([x, target]) => sigmoid(x) - target),
          3e-7,
        );
      }),
    );
  });

  it('of ASL1 is d / sqrt(d^2 + mu^2)', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(0.02, 1), (pairs, mu) => {
        const found = gradientOf((x) => authenticSmoothL1(tf.tensor1d(targetsOf(pairs)), x, mu), valuesOf(pairs));
        near(
          found,
          pairs.map(([x, target]) => Math.fround(x - target)).map((d) => d / Math.hypot(d, mu)),
          1e-6,
        );
      }),
    );
  });

  it('of the focal loss is that of its definition', () => {
    const at = [-3, -0.5, 0.25, 2];
    const targets = [0, 1, 0, 1];
    const focal = (x: number, target: number): number => {
      const p = target === 1 ? sigmoid(x) : 1 - sigmoid(x);
      return ((target === 1 ? 0.25 : 0.75) * (1 - p) ** 2 * -Math.log(p)) / at.length;
    };
    const found = gradientOf((x) => focalLoss()(tf.tensor1d(targets), x), at);
    const step = 1e-5;
    near(
      found,
      at.map((x, i) => (focal(x + step, targets[i]) - focal(x - step, targets[i])) / (2 * step)),
      1e-6,
    );
  });

  it('of ghmcLoss is beta (p - p*) / N: weights are constants', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(1, 7, 30), (pairs, bins) => {
        const x = valuesOf(pairs);
        const targets = targetsOf(pairs);
        const differences = x.map((logit, i) => sigmoid(logit) - targets[i]);
        // none that float32 might count in the region beside
        fc.pre(differences.every((d) => Math.abs(((Math.abs(d) * bins + 0.5) % 1) - 0.5) > 1e-4));
        const beta = betaOf(differences.map(Math.abs), bins);
        const found = gradientOf((logits) => ghmcLoss({ bins })(tf.tensor1d(targets), logits), x);
        near(
          found,
          differences.map((d, i) => (beta[i] * d) / x.length),
          1e-6 * Math.max(...beta),
        );
      }),
    );
  });

  it('of ghmrLoss is beta d / (N sqrt(d^2 + mu^2))', () => {
    const mu = 0.02;
    const predictions = [0.5, 0.51, 0.013, -1, -0.02, 0];
    const targets = [0.5, 0.5, 0, 0, 0, 0.001];
    const norms = predictions.map((p, i) => (p - targets[i]) / Math.hypot(p - targets[i], mu));
    const beta = betaOf(norms.map(Math.abs), 10);
    const found = gradientOf((x) => ghmrLoss({ bins: 10 })(tf.tensor1d(targets), x), predictions);
    near(
      found,
      norms.map((norm, i) => (beta[i] * norm) / norms.length),
      1e-5,
    );
  });

  it('of a softmax is beta (p - p*) / N in every class', () => {
    const logits = [
      [2, -1, 0.5],
      [0.1, 0.2, -3],
    ];
    const classes = [0, 2];
    const exps = logits.map((row) => row.map(Math.exp));
    const p = exps.map((row) => row.map((e) => e / row.reduce((a, b) => a + b, 0)));
    const beta = betaOf(
      p.map((row, i) => 1 - row[classes[i]]),
      10,
    );
    const found = tf.tidy(() =>
      tf
        .grad((x: tf.Tensor) => tf.sum(ghmcLoss({ task: 'softmax', bins: 10 })(tf.tensor1d(classes, 'int32'), x)))(
          tf.tensor2d(logits),
        )
        .dataSync(),
    );
    const expected = p.flatMap((row, i) => row.map((pj, j) => (beta[i] * (pj - Number(j === classes[i]))) / 2));
    near(Array.from(found), expected, 1e-6);
  });

  it('without a reduction follows what comes after it', () => {
    const [x, targets, share] = [
      [1, -2, 0.5],
      [1, 0, 1],
      [3, 0, -2],
    ];
    const differences = x.map((logit, i) => sigmoid(logit) - targets[i]);
    const beta = betaOf(differences.map(Math.abs), 30);
    const loss = ghmcLoss({ reduction: 'none' });
    const found = gradientOf((logits) => loss(tf.tensor1d(targets), logits).mul(tf.tensor1d(share)), x);
    near(
      found,
      differences.map((d, i) => share[i] * beta[i] * d),
      1e-6,
    );
  });
});
