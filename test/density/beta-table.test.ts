import { describe, expect, test } from 'vitest';
import { betaTable } from '../../src/density/beta-table.ts';
import { bitsOfFloat16, bitsOfFloat32, float32OfBits } from '../../src/density/cell-values.ts';
import { partitionOf } from '../../src/density/partition.ts';
import { Regions } from '../../src/density/regions.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { seeded } from '../kernels/implementations.ts';
import { interestingBits } from '../kernels/special-floats.ts';
import { thresholdBelow } from '../kernels/tables.ts';

const CELLS = 65_536;
const CUT = 0x8000_0000;
/** A weight a region, all different; some are 0. */
const weightsOf = (bins: number) => Array.from({ length: bins }, (_, j) => (j % 11 === 5 ? 0 : 0.25 + j * 1.37));

describe.each([1, 2, 7, 10, 30, 100, 1000, 10_000])('the beta table of M = %i', (bins) => {
  const partition = partitionOf({ kind: 'float32', scale: LOGITS, bins });
  const beta = weightsOf(bins);
  const table = betaTable(partition, beta, bitsOfFloat32);
  const regions = new Regions(bins, LOGITS);
  const count = partition.thresholds.length;

  /** What the kernels make of it. */
  const looked = (bits: number, label: number): number => {
    const entry = table.cells[label * CELLS + (bits >>> 16)];
    if (entry < CUT) return entry;
    const t = thresholdBelow(partition.thresholds, bits);
    return t < 0 ? entry - CUT : table.splits[label * count + t];
  };

  test('gives every float32 the weight of its region, and NaN none', () => {
    const next = seeded(bins);
    const random = Array.from({ length: 20_000 }, (_, i) =>
      i % 2 ? next() : bitsOfFloat32((next() / 2 ** 32 - 0.5) * 24),
    );
    for (const bits of [...interestingBits(bins), ...random]) {
      const x = float32OfBits(bits);
      for (const label of [0, 1]) {
        const expected = Number.isNaN(x) ? 0 : bitsOfFloat32(beta[regions.of(label === 1 ? -x : x)]);
        if (looked(bits, label) !== expected) expect.fail(`label ${label}, bits ${bits}: ${looked(bits, label)}`);
      }
    }
  });

  test('weighs ignored samples 0 and marks only cells with two weights', () => {
    expect(table.cells.subarray(2 * CELLS).every((entry) => entry === 0)).toBe(true);
    for (let i = 0; i < 2 * CELLS; i++) {
      if (table.cells[i] < CUT) continue;
      const [cell, label] = [i % CELLS, Math.floor(i / CELLS)];
      const own = table.splits.subarray(
        label * count + partition.firstThreshold[cell],
        label * count + partition.firstThreshold[cell + 1],
      );
      if (own.every((weight) => weight === table.cells[i] - CUT)) expect.fail(`cell ${cell} has one weight`);
    }
  });

  test('of float16 logits gives each the weight of its region, in float16 bits', () => {
    const halves = betaTable(partitionOf({ kind: 'float16', scale: LOGITS, bins }), beta, bitsOfFloat16);
    expect(halves.splits).toHaveLength(0);
    for (let bits = 0; bits < CELLS; bits++) {
      const size = bits & 0x7fff;
      const value = size < 0x400 ? size * 2 ** -24 : (1 + (size & 0x3ff) / 1024) * 2 ** ((size >> 10) - 15);
      const x = (bits >> 15 ? -1 : 1) * (size === 0x7c00 ? Infinity : value);
      for (const label of [0, 1]) {
        const expected = size > 0x7c00 ? 0 : bitsOfFloat16(beta[regions.of(label === 1 ? -x : x)]);
        if (halves.cells[label * CELLS + bits] !== expected) expect.fail(`label ${label}, bits ${bits}`);
      }
    }
  });
});

test('a weight of -0, as a density.json may hold, weighs 0 and unmarks no cut cell', () => {
  const partition = partitionOf({ kind: 'float32', scale: LOGITS, bins: 10 });
  const plain = betaTable(partition, [0, 1, 2, 3, 4, 5, 6, 7, 8, 0], bitsOfFloat32);
  const negative = betaTable(partition, [-0, 1, 2, 3, 4, 5, 6, 7, 8, -0], bitsOfFloat32);
  expect(negative.cells).toEqual(plain.cells);
  expect(negative.splits).toEqual(plain.splits);
});
