import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reweight } from '../../src/index.ts';
import { folderOf } from '../sources/npy-files.ts';
import { runGhm, SAMPLE } from './command.ts';
import { naive } from './naive.ts';
import { halfValue, readFloats } from './npy-data.ts';

interface GoldenBins {
  readonly total: number;
  readonly ignored: number;
  readonly valid_bins: number;
  readonly counts: readonly number[];
  readonly beta_valid_bins: readonly number[];
  readonly ghmc: number;
}

const golden: Record<string, GoldenBins | number> = JSON.parse(readFileSync(join(SAMPLE, 'golden.json'), 'utf8'));
const inputs = {
  logits: join(SAMPLE, 'logits.npy'),
  labels: join(SAMPLE, 'labels.npy'),
  labelWeights: join(SAMPLE, 'label_weights.npy'),
};
const flags = ['--logits', inputs.logits, '--labels', inputs.labels, '--label-weights', inputs.labelWeights];

/** The sample's arrays, read without the code under test: their headers are 128 bytes. */
const half = new Uint16Array(readFileSync(inputs.logits).buffer.slice(128));
const labels = new Int8Array(readFileSync(inputs.labels).buffer.slice(128));
const valid = new Uint8Array(readFileSync(inputs.labelWeights).buffer.slice(128));
const sample = {
  logits: Array.from(half, halfValue),
  codes: Array.from(half, (_, i) => {
    const row = Math.floor(i / 3);
    return valid[row] === 0 ? 2 : Number(labels[row] === i % 3);
  }),
};

it.each([10, 30, 100])('golden counts, betas and losses of %i bins, by the command', async (bins) => {
  const out = join(folderOf(), 'out');
  const { exitCode, stdout, stderr } = await runGhm([
    'reweight',
    ...flags,
    '--bins',
    `${bins}`,
    '--json',
    '--out',
    out,
  ]);
  expect([exitCode, stderr.includes('warning')]).toEqual([0, false]);
  const { density } = JSON.parse(stdout);
  const expected = golden[`bins${bins}`] as GoldenBins;
  expect(density.counts).toEqual(expected.counts);
  expect(density.total).toBe(expected.total);
  expect(density.ignored).toBe(expected.ignored);
  expect(density.validBins).toBe(expected.valid_bins);
  expected.beta_valid_bins.forEach((beta, j) => {
    expect(Math.abs(density.beta[j] / beta - 1)).toBeLessThan(1e-6);
  });
  const losses = [
    [density.loss.ghmc, expected.ghmc],
    [density.loss.ce, golden.ce_mean],
    [density.loss.focal, golden['focal_mean_gamma2_alpha0.25']],
  ];
  for (const [found, wanted] of losses) expect(Math.abs(found / wanted - 1)).toBeLessThan(1e-4);

  const beta = readFloats(join(out, 'logits.beta.npy'));
  expect(beta.shape).toEqual([73_440, 3]);
  expect(beta.values).toEqual(naive([sample], { bins }).weights[0]);
  expect(beta.values.filter((weight) => weight === 0)).toHaveLength(expected.ignored);
});

it.each([1, 2, 7, 1000, 10_000])('every weight of %i bins is that of the definition', async (bins) => {
  const out = join(folderOf(), 'out');
  const { density } = await reweight({ ...inputs, bins, out });
  const expected = naive([sample], { bins });
  expect(density.counts).toEqual(expected.counts);
  expect(density.beta).toEqual(expected.beta);
  expect(readFloats(join(out, 'logits.beta.npy')).values).toEqual(expected.weights[0]);
});

it('all-bins divides by M, --max-weight clips, float16 rounds to the nearest', async () => {
  const out = join(folderOf(), 'out');
  const given = { bins: 1000, normalize: 'all-bins', maxWeight: 20 } as const;
  const { density } = await reweight({ ...inputs, ...given, outputDtype: 'float16', out });
  const expected = naive([sample], given);
  expect(density.validBins).toBeLessThan(1000);
  expect(density.beta).toEqual(expected.beta);
  expect(density.maxWeight).toBe(20);
  expect(Math.max(...density.beta)).toBe(20);
  const beta = readFloats(join(out, 'logits.beta.npy'));
  expect(beta.header).toContain("'<f2'");
  const wrong = beta.values.filter((weight, i) => {
    const exact = expected.weights[0][i];
    return Math.abs(weight - exact) > Math.max(exact * 2 ** -11, 2 ** -25) * 1.000001;
  });
  expect(wrong).toEqual([]);
  expect(density.loss.ghmc).toBeCloseTo(expected.loss.ghmc, 4);
});

it('weights average 1 over the counted samples where every region holds some', async () => {
  const out = join(folderOf(), 'out');
  const { density } = await reweight({ ...inputs, out });
  const { values } = readFloats(join(out, 'logits.beta.npy'));
  expect(values.reduce((sum, weight) => sum + weight, 0) / density.total).toBeCloseTo(1, 6);
});

it('the demo gives the golden values', async () => {
  const out = join(folderOf(), 'out');
  const { exitCode, stdout } = await runGhm(['demo', '--json', '--out', out]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).density.counts).toEqual((golden.bins30 as GoldenBins).counts);
  expect(readFloats(join(out, 'logits.beta.npy')).values).toEqual(naive([sample]).weights[0]);
});
