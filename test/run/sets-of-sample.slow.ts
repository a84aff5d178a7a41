import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ReweightOptions, reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, SAMPLE } from './command.ts';
import { type NaiveRule, type NaiveSet, naiveSets } from './naive-sets.ts';
import { halfValue, readFloats } from './npy-data.ts';

// the shipped sample: images 1 to 8, 9,180 anchors each, four levels, three classes
const file = (name: string): string => join(SAMPLE, `${name}.npy`);
const dataOf = (name: string): ArrayBuffer => readFileSync(file(name)).buffer.slice(128) as ArrayBuffer;
const logits = Array.from(new Uint16Array(dataOf('logits')), halfValue);
const labels = new Int8Array(dataOf('labels'));
const valid = new Uint8Array(dataOf('label_weights'));
const level = new Uint8Array(dataOf('level'));
const image = new Uint16Array(dataOf('image_id'));
const rowOf = (i: number): number => Math.floor(i / 3);
const codes = logits.map((_, i) => (valid[rowOf(i)] === 0 ? 2 : Number(labels[rowOf(i)] === i % 3)));
const samplesBy = (setOf: (i: number) => number) => ({ logits, codes, sets: logits.map((_, i) => setOf(i)) });

const input = { logits: file('logits'), labels: file('labels'), labelWeights: file('label_weights') };
const flags = ['--logits', input.logits, '--labels', input.labels, '--label-weights', input.labelWeights];
const columns = { image_id: file('image_id'), level: file('level') };

const close = (found: readonly (number | null)[], expected: readonly number[], tolerance: number): void => {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    if (value === 0) expect(found[i]).toBe(0);
    else expect(Math.abs(Number(found[i]) / value - 1), `${i}: ${found[i]}, expected ${value}`).toBeLessThan(tolerance);
  }
};

/** float32 weights, but for the last bit of a quotient that was rounded in another order. */
const sameWeights = (path: string, expected: readonly number[]): void => {
  const { values } = readFloats(path);
  const wrong = values.filter((weight, i) => Math.abs(weight - expected[i]) > 1.2e-7 * expected[i]);
  expect([values.length, wrong]).toEqual([expected.length, []]);
};

const lossOf = (sets: readonly NaiveSet[]): number => {
  const counted = sets.filter(({ total }) => total > 0);
  const total = counted.reduce((sum, set) => sum + set.total, 0);
  return counted.reduce((sum, set) => sum + set.total * set.ghmc, 0) / total;
};

it.each([10, 30])('--group level by the command: counts, betas, losses and weights of %i bins', async (bins) => {
  const out = join(folderOf(), 'out');
  const given = ['--group', 'level', '--column', `level=${columns.level}`, '--bins', `${bins}`];
  const { exitCode, stdout, stderr } = await runGhm(['reweight', ...flags, ...given, '--json', '--out', out]);
  expect([exitCode, stderr.includes('warning')]).toEqual([0, false]);
  const { groups, loss, total } = JSON.parse(readFileSync(join(out, 'density.json'), 'utf8'));
  const expected = naiveSets(
    samplesBy((i) => level[rowOf(i)]),
    4,
    { bins },
  );
  expect(groups.column).toBe('level');
  expect(groups.values).toEqual([0, 1, 2, 3]);
  expect(groups.counts).toEqual(expected.sets.map((set) => set.counts));
  expect(groups.ignored).toEqual(expected.sets.map((set) => set.ignored));
  expect(groups.total.reduce((sum: number, n: number) => sum + n, 0)).toBe(total);
  expected.sets.forEach(({ beta }, set) => {
    close(groups.beta[set], beta, 1e-12);
  });
  close(
    groups.loss.ce,
    expected.sets.map((set) => set.ce),
    1e-6,
  );
  close(
    groups.loss.ghmc,
    expected.sets.map((set) => set.ghmc),
    1e-6,
  );
  close([loss.ghmc], [lossOf(expected.sets)], 1e-6);
  sameWeights(join(out, 'logits.beta.npy'), expected.weights);
  expect(JSON.parse(stdout).density.groups).toEqual(groups);
});

it('--momentum by the command: three images a batch, as the released code', async () => {
  const out = join(folderOf(), 'out');
  const given = ['--batch', 'column:image_id', '--batch-size', '3', '--momentum', '0.75'];
  const column = ['--column', `image_id=${columns.image_id}`];
  const { exitCode } = await runGhm(['reweight', ...flags, ...given, ...column, '--quiet', '--out', out]);
  expect(exitCode).toBe(0);
  const { batches, loss } = JSON.parse(readFileSync(join(out, 'density.json'), 'utf8'));
  const expected = naiveSets(
    samplesBy((i) => Math.floor((image[rowOf(i)] - 1) / 3)),
    3,
    { bins: 30, momentum: 0.75 },
  );
  expect(batches).toMatchObject({ by: 'column:image_id', size: 3, momentum: 0.75, biasCorrection: false, count: 3 });
  expect(batches.rows).toEqual([27_540, 27_540, 18_360]);
  expect(batches.total).toEqual(expected.sets.map(({ total }) => total));
  expect(batches.meanWeight[0]).toBeCloseTo(4, 12);
  close(
    batches.loss.ghmc,
    expected.sets.map((set) => set.ghmc),
    1e-6,
  );
  close([loss.ghmc], [lossOf(expected.sets)], 1e-6);
  sameWeights(join(out, 'logits.beta.npy'), expected.weights);
});

/** Sets of the sample, and the options that ask for them. */
const CASES: readonly (readonly [string, Partial<ReweightOptions>, (i: number) => number, number])[] = [
  ['classes', { group: 'class' }, (i) => i % 3, 3],
  ['images', { group: 'image_id', columns: { image_id: columns.image_id } }, (i) => image[rowOf(i)] - 1, 8],
  ['batches of rows', { batch: 'rows:10007', momentum: 0.9 }, (i) => Math.floor(rowOf(i) / 10_007), 8],
  ['batches by themselves', { batch: 'rows:40000', momentum: 0 }, (i) => Math.floor(rowOf(i) / 40_000), 2],
  [
    'corrected batches',
    { batch: 'rows:9180', momentum: 0.9, biasCorrection: true },
    (i) => Math.floor(rowOf(i) / 9180),
    8,
  ],
  [
    'clipped, by all bins',
    { batch: 'rows:9180', momentum: 0.5, maxWeight: 20, normalize: 'all-bins' },
    (i) => Math.floor(rowOf(i) / 9180),
    8,
  ],
];

it.each(CASES)('%s: every weight is that of the definition', async (_, given, setOf, sets) => {
  const out = join(folderOf(), 'out');
  await reweight({ ...input, ...given, out });
  const rule: NaiveRule = { bins: 30, ...given };
  sameWeights(join(out, 'logits.beta.npy'), naiveSets(samplesBy(setOf), sets, rule).weights);
});

it('--mean-one and --max-weight hold in each group and batch', async () => {
  for (const given of [{ group: 'class' }, { batch: 'rows:9180', momentum: 0.9 }] as const) {
    const out = join(folderOf(), 'out');
    const { density } = await reweight({ ...input, ...given, meanOne: true, maxWeight: 5, out });
    expect(density).toMatchObject({ meanOne: true, maxWeight: 5 });
    for (const mean of (density.groups ?? density.batches)?.meanWeight ?? []) expect(mean).toBeCloseTo(1, 12);
    const { values } = readFloats(join(out, 'logits.beta.npy'));
    expect(values.reduce((most, weight) => Math.max(most, weight), 0)).toBe(5);
  }
});

it('the first batch of a corrected average weighs as without momentum', async () => {
  const outs = [{ momentum: 0.999_999, biasCorrection: true }, { momentum: 0 }].map((given) => ({
    given,
    out: join(folderOf(), 'out'),
  }));
  for (const { given, out } of outs) await reweight({ ...input, batch: 'rows:9180', ...given, out });
  const [corrected, plain] = outs.map(({ out }) => readFloats(join(out, 'logits.beta.npy')).values);
  expect(corrected.slice(0, 3 * 9180)).toEqual(plain.slice(0, 3 * 9180));
  expect(corrected).not.toEqual(plain);
});
