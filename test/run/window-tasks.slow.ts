import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { seeded } from '../kernels/implementations.ts';
import { folderOf } from '../sources/npy-files.ts';
import { npy, readFloats } from './npy-data.ts';

// The windowed density of equations (4)-(7) is the same for every task: a count of gradient norms.

const N = 20_000;
const CLASSES = 4;
const EPSILON = 0.1;
const next = seeded(11);
const uniform = () => (next() + 0.5) / 2 ** 32;
const floats = (n: number, value: () => number) => Float32Array.from({ length: n }, value);

const pred = floats(N, () => 0.3 * (uniform() - 0.5) * uniform());
const target = floats(N, () => 0.1 * (uniform() - 0.5) * uniform());
const rows = floats(N * CLASSES, () => 6 * (uniform() - 0.5));
const classes = Array.from({ length: N }, () => next() % CLASSES);
for (const [row, label] of classes.entries()) rows[row * CLASSES + label] += 4;
const logits = floats(N, () => 6 * uniform() - 7);
const soft = floats(N, () => (uniform() < 0.8 ? 0 : uniform()));

interface Sample {
  readonly g: number;
  readonly loss: number;
}

const box = (i: number): Sample => {
  const d = Math.abs(Math.fround(pred[i] - target[i]));
  return { g: d / Math.hypot(d, 0.02), loss: Math.hypot(d, 0.02) - 0.02 };
};
const row = (i: number): Sample => {
  const powers = rows.subarray(i * CLASSES, (i + 1) * CLASSES).map(Math.exp);
  const p = powers[classes[i]] / powers.reduce((sum, power) => sum + power, 0);
  return { g: 1 - p, loss: -Math.log(p) };
};
const softSample = (i: number): Sample => {
  const [x, t] = [logits[i], soft[i]];
  return { g: Math.abs(1 / (1 + Math.exp(-x)) - t), loss: Math.log1p(Math.exp(x)) - x * t };
};

/** Beta of every sample, by sorting. */
function betaOf(samples: readonly Sample[]): number[] {
  const sorted = Float64Array.from(samples, ({ g }) => g).sort();
  const below = (value: number): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return samples.map(({ g }) => {
    const [from, to] = [g - EPSILON / 2, g + EPSILON / 2];
    return (N * (Math.min(to, 1) - Math.max(from, 0))) / (below(to) - below(from));
  });
}

const FILES = {
  'pred.npy': npy('float32', [N], pred),
  'target.npy': npy('float32', [N], target),
  'rows.npy': npy('float32', [N, CLASSES], rows),
  'classes.npy': npy('uint8', [N], classes),
  'logits.npy': npy('float32', [N], logits),
  'soft.npy': npy('float32', [N], soft),
};

it.each([
  ['boxes', { task: 'regression', bboxPred: 'pred.npy', bboxTarget: 'target.npy' }, box, 'pred', 'ghmr'],
  ['softmax rows', { task: 'softmax', logits: 'rows.npy', labels: 'classes.npy' }, row, 'rows', 'ghmc'],
  ['soft targets', { labelFormat: 'soft', logits: 'logits.npy', labels: 'soft.npy' }, softSample, 'logits', 'ghmc'],
] as const)('windows of %s weigh within their bounds', async (_, input, sampleOf, name, loss) => {
  const folder = folderOf(FILES);
  const placed = Object.entries(input).map(([key, value]) => [
    key,
    value.endsWith('.npy') ? join(folder, value) : value,
  ]);
  const out = join(folder, 'out');
  const options: ReweightOptions = { ...Object.fromEntries(placed), density: 'window', epsilon: EPSILON, out };
  const { density } = await reweight(options);
  const samples = Array.from({ length: N }, (_, i) => sampleOf(i));
  const expected = betaOf(samples);
  const { values } = readFloats(join(out, `${name}.beta.npy`));
  const errors = values.map((beta, i) => Math.abs(beta / expected[i] - 1));
  const { max, mean } = density.window?.errorBound ?? { max: 0, mean: 0 };
  // float32 weights, and a sample whose computed g is a little off
  const rounding = 2e-4;
  expect(Math.max(...errors)).toBeLessThan(max + rounding);
  expect(errors.reduce((sum, error) => sum + error, 0) / N).toBeLessThan(mean + rounding);
  const truth = samples.reduce((sum, sample, i) => sum + expected[i] * sample.loss, 0) / N;
  expect(Math.abs(Number(density.loss[loss]) / truth - 1)).toBeLessThan(5e-4);
});
