import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { unitRegionDensity } from '../../src/density/unit-regions.ts';
import { elementReader } from '../../src/sources/elements.ts';
import { openNpy } from '../../src/sources/npy/open.ts';
import { countBits } from './counting.ts';

// Images 1 to 8 of the BCCD test images: float16 logits [24480, 3], int8 labels, uint8 label weights. golden.json was
// computed by two programs that have nothing in common with this one.
const FOLDER = new URL('../../examples/bccd/', import.meta.url);

interface Golden {
  readonly total: number;
  readonly ignored: number;
  readonly valid_bins: number;
  readonly counts: number[];
  readonly beta_valid_bins: number[];
  readonly ghmc: number;
}
const golden = JSON.parse(readFileSync(new URL('golden.json', FOLDER), 'utf8'));

function arrayOf(name: string) {
  const source = openNpy(fileURLToPath(new URL(name, FOLDER)), name);
  const bytes = readFileSync(source.path).subarray(source.dataOffset);
  return { ...source, bytes, read: elementReader(source, bytes) };
}

const logits = arrayOf('logits.npy');
const labels = arrayOf('labels.npy');
const weights = arrayOf('label_weights.npy');
const { rows, columns } = logits;
const n = rows * columns;

/** 0, 1 or 2 for sample i. */
function codeOf(i: number): number {
  const row = Math.floor(i / columns);
  const label = labels.read(row);
  if (weights.read(row) <= 0 || label === -1) return 2;
  return label === i % columns ? 1 : 0;
}
const codes = Uint8Array.from({ length: n }, (_, i) => codeOf(i));
const halves = new Uint16Array(logits.bytes.buffer.slice(logits.bytes.byteOffset, logits.bytes.byteOffset + 2 * n));
const floats = Float32Array.from({ length: n }, (_, i) => logits.read(i));

test('the sample is what golden.json was made from', () => {
  expect(logits.shape).toEqual([73_440, 3]);
  expect(logits.dtype).toBe('float16');
  expect(golden.bins30.total + golden.bins30.ignored).toBe(n);
});

describe.each([10, 30, 100])('golden values of M = %i', (bins) => {
  const expected: Golden = golden[`bins${bins}`];

  test('a naive double loop counts them', () => {
    const counts = new Array<number>(bins).fill(0);
    for (let i = 0; i < n; i++) {
      if (codes[i] === 2) continue;
      const g = Math.abs(1 / (1 + Math.exp(-floats[i])) - codes[i]);
      counts[Math.min(bins - 1, Math.floor(g * bins))]++;
    }
    expect(counts).toEqual(expected.counts);
  });

  // float16 logits stored as float32 lie on the lower 7/8 of their cells, not all over them: means are less exact
  test.each([
    ['float16', halves, 1e-4],
    ['float32', new Uint32Array(floats.buffer), 1e-3],
  ] as const)('the kernels on %s logits give counts, beta and losses', (_, samples, tolerance) => {
    const options = { bins, normalize: 'valid-bins', maxWeight: undefined } as const;
    const density = unitRegionDensity(countBits(bins, samples, codes), options);
    expect(density.counts).toEqual(expected.counts);
    expect(density.total).toBe(expected.total);
    expect(density.ignored).toBe(expected.ignored);
    expect(density.validBins).toBe(expected.valid_bins);
    expect(density.countsUncertain).toBeUndefined();
    for (const [j, beta] of expected.beta_valid_bins.entries()) {
      expect(Math.abs(density.beta[j] / beta - 1)).toBeLessThan(1e-12);
    }
    const { ce, focal, ghmc } = density.loss;
    expect(Math.abs(Number(ghmc) / expected.ghmc - 1)).toBeLessThan(tolerance);
    expect(Math.abs(Number(ce) / golden.ce_mean - 1)).toBeLessThan(tolerance);
    expect(Math.abs(Number(focal) / golden['focal_mean_gamma2_alpha0.25'] - 1)).toBeLessThan(tolerance);
  });
});
