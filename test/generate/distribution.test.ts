import { describe, expect, test } from 'vitest';
import { blockKeys, blockRows } from '../../src/generate/block.ts';
import { KINDS, quantileTables, TABLE_FLOATS } from '../../src/generate/distribution.ts';
import { scalarGenerating } from '../../workers/twins/generate.ts';

const ROWS = blockRows(1);
const BLOCKS = 16;

/** A stream of 2^19 binary samples, as the definition of the kernel gives it. */
function stream(): { logits: Float32Array; labels: Uint8Array; weights: Float32Array } {
  const logits = new Float32Array(ROWS * BLOCKS);
  const labels = new Uint8Array(ROWS * BLOCKS);
  const weights = new Float32Array(ROWS * BLOCKS);
  const buffer = new ArrayBuffer(2 ** 19);
  new Float32Array(buffer, 64, TABLE_FLOATS).set(quantileTables());
  const { generateFloat32 } = scalarGenerating(buffer);
  for (let block = 0; block < BLOCKS; block++) {
    const [key0, key1] = blockKeys(5, block);
    generateFloat32(ROWS, 1, 1, key0, key1, 64, 2 ** 16, 2 ** 18, 2 ** 18 + 2 ** 16);
    logits.set(new Float32Array(buffer, 2 ** 16, ROWS), block * ROWS);
    labels.set(new Uint8Array(buffer, 2 ** 18, ROWS), block * ROWS);
    weights.set(new Float32Array(buffer, 2 ** 18 + 2 ** 16, ROWS), block * ROWS);
  }
  return { logits, labels, weights };
}

/** Lengths of the runs of rows that `holds` is true of. */
function runs(rows: number, holds: (row: number) => boolean): number[] {
  const lengths: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (!holds(row)) continue;
    if (row > 0 && holds(row - 1)) lengths[lengths.length - 1]++;
    else lengths.push(1);
  }
  return lengths;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('the stream', () => {
  const { logits, labels, weights } = stream();
  const n = logits.length;
  const margins = logits.map((x, i) => (labels[i] === 1 ? -x : x));

  test('has only finite logits, from about -25 to 12', () => {
    expect(logits.every(Number.isFinite)).toBe(true);
    expect(margins.reduce((a, b) => Math.min(a, b))).toBeGreaterThan(-26);
    expect(margins.reduce((a, b) => Math.max(a, b))).toBeLessThan(12);
  });

  test('has an easy mass around -8', () => {
    const sorted = Float32Array.from(margins).sort();
    expect(sorted[n / 2]).toBeCloseTo(-8.03, 1);
    expect(sorted[Math.round(0.16 * n)]).toBeCloseTo(-9.9, 0);
    expect(sorted[0]).toBeLessThan(-20);
  });

  test('fills ten regions of g as a trained detector does', () => {
    const regions = new Float64Array(10);
    for (const z of margins) regions[Math.min(9, Math.floor(10 / (1 + Math.exp(-z))))]++;
    const shares = [...regions].map((count) => count / n);
    expect(shares[0]).toBeGreaterThan(0.97);
    expect(shares[0]).toBeLessThan(0.985);
    for (let j = 1; j < 6; j++) expect(shares[j], `region ${j}`).toBeLessThan(shares[j - 1]);
    expect(sum(shares.slice(1, 9))).toBeGreaterThan(0.01);
    // the bump of the outliers
    expect(shares[9]).toBeGreaterThan(1.5 * shares[8]);
    expect(shares[9]).toBeGreaterThan(0.001);
  });

  test('has its foreground in clumps', () => {
    const foreground = runs(n, (row) => labels[row] === 1);
    expect(sum(foreground) / n).toBeGreaterThan(0.004);
    expect(sum(foreground) / n).toBeLessThan(0.01);
    expect(sum(foreground) / foreground.length).toBeGreaterThan(2);
  });

  test('ignores about 2 % of the rows, in runs', () => {
    const ignored = runs(n, (row) => weights[row] === 0);
    expect(weights.every((w) => w === 0 || w === 1)).toBe(true);
    expect(sum(ignored) / n).toBeGreaterThan(0.018);
    expect(sum(ignored) / n).toBeLessThan(0.022);
    expect(sum(ignored) / ignored.length).toBeGreaterThan(4);
  });
});

describe('the tables', () => {
  const tables = quantileTables();
  const line = (kind: number, side: number, entry: number, t: number): number => {
    const at = 2 * ((2 * kind + side) * 512 + entry);
    return tables[at] + tables[at + 1] * t;
  };

  test.each(KINDS.map((_, kind) => kind))('of kind %i rise with u, without gaps', (kind) => {
    for (const side of [0, 1]) {
      for (let entry = 0; entry < 31 * 16; entry++) {
        const begin = 2 ** Math.floor(entry / 16) * (1 + (entry % 16) / 16);
        const end = begin + 2 ** Math.floor(entry / 16) / 16;
        const step = line(kind, side, entry, end) - line(kind, side, entry, begin);
        expect(side === 0 ? step : -step, `entry ${entry}`).toBeGreaterThanOrEqual(0);
        expect(line(kind, side, entry, end)).toBeCloseTo(line(kind, side, entry + 1, end), 4);
      }
    }
    expect(line(kind, 0, 31 * 16, 2 ** 31)).toBeCloseTo(line(kind, 1, 31 * 16, 2 ** 31), 4);
  });

  test('follow the quantile function', () => {
    KINDS.forEach(({ centre, lower, upper, lowerEnd, upperEnd }, kind) => {
      for (const t of [1, 1000, 2 ** 20, 3 * 2 ** 25, 2 ** 30, 2 ** 31]) {
        const u = t / 2 ** 32;
        const expected = centre + lower * Math.log(u + 2 ** -lowerEnd) - upper * Math.log(1 - u + 2 ** -upperEnd);
        const octave = Math.floor(Math.log2(t));
        const entry = 16 * octave + Math.floor(16 * (t / 2 ** octave - 1));
        expect(line(kind, 0, entry, t)).toBeCloseTo(expected, 4);
      }
    });
  });
});
