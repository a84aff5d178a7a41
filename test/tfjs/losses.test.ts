import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { reweight } from '../../src/index.ts';
import { type GhmcOptions, GhmError, ghmcLoss, ghmrLoss } from '../../src/tfjs/index.ts';
import { naive } from '../run/naive.ts';
import { naiveSets } from '../run/naive-sets.ts';
import { npy } from '../run/npy-data.ts';
import { folderOf } from '../sources/npy-files.ts';
import { onPlainJavaScript } from './quiet-tensors.ts';

onPlainJavaScript();

/** Logits of a long-tailed stream: most are easy. */
const wave = (n: number, seed = 1): number[] =>
  Array.from({ length: n }, (_, i) => Math.fround(6 * Math.sin(seed + i * i) - 4 * Math.cos(i)));
const CLASSES = 3;
const ROWS = 200;
const LOGITS = wave(ROWS * CLASSES);
/** 0..2, 3 background, -1 ignored. */
const INDICES = Array.from({ length: ROWS }, (_, i) => (i % 17 === 0 ? -1 : i % 5 === 0 ? i % 3 : 3));
const CODES = LOGITS.map((_, i) => {
  const label = INDICES[Math.floor(i / CLASSES)];
  return label === -1 ? 2 : Number(label === i % CLASSES);
});
const logits = () => tf.tensor2d(LOGITS, [ROWS, CLASSES]);
const indices = () => tf.tensor1d(INDICES, 'int32');
const oneHot = () =>
  tf.tensor2d(
    CODES.map((code) => (code === 2 ? -1 : code)),
    [ROWS, CLASSES],
  );

const numberOf = (loss: tf.Tensor): number => loss.dataSync()[0];
const near = (found: number, expected: number, tolerance = 1e-6) =>
  expect(Math.abs(found / expected - 1), `${found}, expected ${expected}`).toBeLessThan(tolerance);
const refusal = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    if (error instanceof GhmError) return [error.exitCode, error.message];
    throw error;
  }
  return 'nothing was refused';
};

describe('ghmcLoss', () => {
  it.each<[string, GhmcOptions]>([
    ['the defaults', {}],
    ['ten regions', { bins: 10 }],
    ['M regions', { bins: 50, normalize: 'all-bins' }],
    ['a limit', { bins: 50, maxWeight: 2 }],
  ])('is the definition, of class indices as of one target a logit: %s', (_, options) => {
    const { loss } = naive([{ logits: LOGITS, codes: CODES }], options as object);
    near(numberOf(ghmcLoss(options)(indices(), logits())), loss.ghmc);
    near(numberOf(ghmcLoss(options)(oneHot(), logits())), loss.ghmc);
  });

  it('reads the older convention and other numbers for background and ignored', () => {
    const { loss } = naive([{ logits: LOGITS, codes: CODES }]);
    const older = INDICES.map((label) => (label === 3 ? 0 : label === -1 ? 99 : label + 1));
    const labels = tf.tensor2d(older, [ROWS, 1]);
    near(numberOf(ghmcLoss({ labelBase: 1, ignoreLabel: 99 })(labels, logits())), loss.ghmc);
    const other = tf.tensor1d(INDICES.map((label) => (label === 3 ? 80 : label)));
    near(numberOf(ghmcLoss({ backgroundLabel: 80 })(other, logits())), loss.ghmc);
  });

  it('leaves out by label weights, of a row or of a sample', () => {
    const ofRows = INDICES.map((_, i) => (i % 3 === 0 ? 0 : 0.5));
    const codesOf = (weightAt: (i: number) => number) => CODES.map((code, i) => (weightAt(i) > 0 ? code : 2));
    const byRow = naive([{ logits: LOGITS, codes: codesOf((i) => ofRows[Math.floor(i / CLASSES)]) }]);
    near(numberOf(ghmcLoss()(indices(), logits(), tf.tensor1d(ofRows))), byRow.loss.ghmc);
    const ofSamples = LOGITS.map((_, i) => (i % 4 === 0 ? -1 : 1));
    const bySample = naive([{ logits: LOGITS, codes: codesOf((i) => ofSamples[i]) }]);
    const weights = tf.tensor2d(ofSamples, [ROWS, CLASSES]);
    near(numberOf(ghmcLoss()(oneHot(), logits(), weights)), bySample.loss.ghmc);
  });

  it.each([false, true])('moves the average of the counts from call to call, bias correction %s', (biasCorrection) => {
    const calls = 5;
    const size = (ROWS / calls) * CLASSES;
    const sets = LOGITS.map((_, i) => Math.floor(i / size));
    const rule = { bins: 10, momentum: 0.75, biasCorrection };
    const expected = naiveSets({ logits: LOGITS, codes: CODES, sets }, calls, rule);
    const loss = ghmcLoss(rule);
    for (const [call, { ghmc }] of expected.sets.entries()) {
      const rows = ROWS / calls;
      const part = (tensor: tf.Tensor) => tensor.slice(call * rows, rows);
      near(numberOf(loss(part(indices()), part(logits()))), ghmc);
    }
  });

  it('gives one weighted loss a sample without a reduction, 0 where it is left out', () => {
    const { weights } = naive([{ logits: LOGITS, codes: CODES }]);
    const each = ghmcLoss({ reduction: 'none' })(indices(), logits());
    expect(each.shape).toEqual([ROWS, CLASSES]);
    for (const [i, value] of Array.from(each.dataSync()).entries()) {
      const z = CODES[i] === 1 ? -LOGITS[i] : LOGITS[i];
      expect(value).toBeCloseTo(weights[0][i] * Math.log1p(Math.exp(z)), 4);
    }
    const sum = numberOf(ghmcLoss({ reduction: 'sum' })(indices(), logits()));
    const counted = CODES.filter((code) => code < 2).length;
    near(sum / counted, numberOf(ghmcLoss()(indices(), logits())));
  });

  it('takes soft targets, whose gradient norm is |p - t|', () => {
    const targets = LOGITS.map((_, i) => (i % 7) / 8);
    const norms = LOGITS.map((x, i) => Math.abs(1 / (1 + Math.exp(-x)) - targets[i]));
    const counts = new Array<number>(10).fill(0);
    const regions = norms.map((g) => Math.min(9, Math.floor(g * 10)));
    for (const region of regions) counts[region]++;
    const valid = counts.filter((count) => count > 0).length;
    const expected = LOGITS.reduce((sum, x, i) => {
      const ce = Math.max(x, 0) - x * targets[i] + Math.log1p(Math.exp(-Math.abs(x)));
      return sum + ce / (counts[regions[i]] * valid);
    }, 0);
    near(numberOf(ghmcLoss({ labelFormat: 'soft', bins: 10 })(tf.tensor1d(targets), tf.tensor1d(LOGITS))), expected);
  });

  it('takes rows of a softmax, by class or one-hot, and refuses what has none', () => {
    const INF = Number.POSITIVE_INFINITY;
    const rows = [
      [2, -1, 0.5],
      [0, 0, 3],
      [-4, 1, 1],
      [1, INF, 0],
      [9, 9, 9],
    ];
    const classes = [0, 1, 2, 1, -1];
    const margins = rows.slice(0, 4).map((row, i) => {
      const others = row.filter((_, k) => k !== classes[i]);
      return Math.log(others.reduce((sum, x) => sum + Math.exp(x), 0)) - row[classes[i]];
    });
    // a softmax has no negatives: z are margins of negatives
    const { loss } = naive([{ logits: margins, codes: margins.map(() => 0) }], { bins: 10 });
    const softmax = ghmcLoss({ task: 'softmax', bins: 10 });
    near(numberOf(softmax(tf.tensor1d(classes), tf.tensor2d(rows))), loss.ghmc);
    const hot = classes.map((label) => [0, 1, 2].map((k) => (label < 0 ? -1 : Number(k === label))));
    near(numberOf(softmax(tf.tensor2d(hot), tf.tensor2d(rows))), loss.ghmc);
    expect(refusal(() => softmax(tf.tensor1d([0, 3, 1, 1, 0]), tf.tensor2d(rows)))).toEqual([
      3,
      'labels: expected classes 0..2 or -1 (ignored), found something else in 1 sample',
    ]);
    const twice = [
      [INF, INF, 0],
      [-INF, -INF, -INF],
      [1, 2, 3],
    ];
    expect(refusal(() => softmax(tf.tensor1d([0, 1, 2]), tf.tensor2d(twice)))).toEqual([
      3,
      "expected numbers that have a gradient norm, found NaN in 2 samples; nonFinite: 'ignore' leaves such samples out",
    ]);
  });

  it('is 0, and its gradient too, where nothing counts', () => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => ghmcLoss()(tf.tensor1d([-1, -1]), x) as tf.Scalar)(
      tf.tensor1d([1, Number.NaN]),
    );
    expect([numberOf(value), ...grad.dataSync()]).toEqual([0, 0, 0]);
  });

  it('leaves NaN out where it is told to, and infinite logits on the right side count', () => {
    const x = tf.tensor1d([1, Number.NaN, Number.NEGATIVE_INFINITY, -2]);
    const labels = tf.tensor1d([1, 0, 0, 0]);
    const { loss } = naive([{ logits: [1, -Infinity, -2], codes: [1, 0, 0] }]);
    near(numberOf(ghmcLoss({ nonFinite: 'ignore' })(labels, x)), loss.ghmc);
  });

  it('refuses what the command line refuses, and says where to look', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const loss = ghmcLoss();
    expect(refusal(() => loss(tf.tensor1d([5, 1]), x))).toEqual([
      3,
      'labels: expected classes 0..1, 2 (background) or -1 (ignored), found something else in 2 samples',
    ]);
    expect(
      refusal(() =>
        loss(
          tf.tensor2d([
            [0.5, 1],
            [0, 0],
          ]),
          x,
        ),
      ),
    ).toEqual([
      3,
      "labels: expected 0 or 1 (or the ignore label -1; labelFormat: 'soft' allows what is between), found something else in 1 sample",
    ]);
    expect(refusal(() => loss(tf.tensor1d([0, 1]), tf.tensor2d([1, Number.NaN, 3, 4], [2, 2])))).toEqual([
      3,
      "expected numbers that have a gradient norm, found NaN in 1 sample; nonFinite: 'ignore' leaves such samples out",
    ]);
    expect(refusal(() => loss(tf.tensor1d([0, 1]), x, tf.tensor1d([1, Number.NaN])))).toEqual([
      3,
      'label weights: expected numbers, found NaN for 2 samples',
    ]);
    expect(refusal(() => loss(tf.tensor1d([0, 1]), tf.tensor2d([1, 2], [2, 1])))).toEqual([
      2,
      "labels of shape [2] for logits [2,1] are class indices or targets, with opposite results: say labelFormat: 'index' or 'binary'",
    ]);
    expect(refusal(() => loss(tf.tensor1d([0, 1, 1]), x))).toEqual([
      2,
      'labels of shape [3]: expected one a row of the logits [2,2]',
    ]);
    expect(refusal(() => loss(tf.tensor1d([0, 1]), x, tf.tensor1d([1, 1, 1])))).toEqual([
      2,
      'label weights of shape [3]: expected one a row or one a sample of [2,2]',
    ]);
    expect(refusal(() => ghmcLoss({ bins: 0 }))).toEqual([2, '--bins: expected an integer from 1 to 10000, found 0']);
    expect(refusal(() => ghmcLoss({ density: { schema: 'ghm.density/2' } }))).toEqual([
      3,
      'density: expected what a density.json holds: schema: Invalid input: expected "ghm.density/1"',
    ]);
  });
});

describe('a density that ghm made', () => {
  const given = () => ({ 'x.npy': npy('float32', [ROWS, CLASSES], LOGITS), 'y.npy': npy('int32', [ROWS], INDICES) });
  const densityOf = async (extra: object) => {
    const folder = folderOf(given());
    const { density } = await reweight({
      logits: `${folder}/x.npy`,
      labels: `${folder}/y.npy`,
      out: `${folder}/out`,
      ...extra,
    });
    return { density, json: JSON.parse(readFileSync(`${folder}/out/density.json`, 'utf8')) };
  };

  it.each([{ bins: 30 }, { bins: 7, maxWeight: 3 }, { density: 'window', epsilon: 0.1 }])(
    'weighs a batch by it, not by its own counts: %j',
    async (options) => {
      const { density, json } = await densityOf(options);
      const loss = ghmcLoss({ density: json });
      near(numberOf(loss(indices(), logits())), density.loss.ghmc ?? 0, 1e-3);
      // the weight of a sample does not depend on the batch it is in
      const each = ghmcLoss({ density: json, reduction: 'none' });
      const whole = Array.from(each(indices(), logits()).dataSync());
      const part = each(indices().slice(10, 20), logits().slice(10, 20)).dataSync();
      expect(Array.from(part)).toEqual(whole.slice(10 * CLASSES, 30 * CLASSES));
    },
  );

  it('is refused where it is for something else', async () => {
    const { json } = await densityOf({});
    expect(refusal(() => ghmrLoss({ density: json }))).toEqual([
      2,
      'density: made for classification, and the loss is for regression with mu 0.02',
    ]);
    expect(refusal(() => ghmcLoss({ density: json, bins: 30 }))).toEqual([
      2,
      'bins: the weights of the density given are final; drop one of them',
    ]);
    const grouped = await densityOf({ group: 'class' });
    expect(refusal(() => ghmcLoss({ density: grouped.json }))).toEqual([
      2,
      'density: has groups, each with weights of its own; expected one density for all samples',
    ]);
  });
});

describe('in training', () => {
  it('model.compile takes it, and the loss falls', async () => {
    const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
    const model = tf.sequential({ layers: [tf.layers.dense({ units: CLASSES, inputShape: [2], kernelInitializer })] });
    model.compile({ optimizer: tf.train.sgd(0.05), loss: ghmcLoss({ bins: 10, momentum: 0.5, biasCorrection: true }) });
    const x = tf.tensor2d(wave(2 * ROWS, 2), [ROWS, 2]);
    const { history } = await model.fit(x, oneHot(), { epochs: 5, batchSize: 50, shuffle: false });
    expect(history.loss).toHaveLength(5);
    expect(Number(history.loss[4])).toBeLessThan(Number(history.loss[0]));
    model.dispose();
  });

  it.each([
    ['ghmcLoss', () => ghmcLoss({ momentum: 0.9 }), indices, logits],
    ['ghmrLoss', () => ghmrLoss({ momentum: 0.9 }), () => tf.zeros([ROWS, CLASSES]), logits],
  ])('%s leaves no tensor behind in 1,000 steps', (_, make, labelsOf, inputsOf) => {
    const loss = make();
    const [labels, inputs] = [labelsOf().slice(0, 8), inputsOf().slice(0, 8)];
    const scale = tf.variable(tf.scalar(1));
    const optimizer = tf.train.sgd(1e-3);
    const step = () => optimizer.minimize(() => loss(labels, inputs.mul(scale)) as tf.Scalar);
    step();
    const before = tf.memory();
    for (let i = 0; i < 1000; i++) step();
    const { numTensors, numBytes } = tf.memory();
    expect({ numTensors, numBytes }).toEqual({ numTensors: before.numTensors, numBytes: before.numBytes });
    scale.dispose();
  });
});
