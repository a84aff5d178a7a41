import { describe, expect, test } from 'vitest';
import { bitsOfFloat32 } from '../../src/density/cell-values.ts';
import { partitionOf } from '../../src/density/partition.ts';
import { KERNEL_DTYPE } from '../../workers/kernel-interface.ts';
import { BOTH, IMPLEMENTATIONS, type Implementation, LENGTHS, seeded } from './implementations.ts';
import { FLOATS, INTEGERS } from './label-dtypes.ts';
import { SPECIAL_BITS } from './special-floats.ts';

const INFINITE = Number.POSITIVE_INFINITY;
const LONGEST = 20_000;

/** Places 64 bytes and more apart, odd ones for what may lie anywhere. */
const AT = { a: 4 + 64, b: 262_144 + 12, to: 524_288, loss: 786_432, codes: 1_048_576 + 3, tables: 1_179_648 } as const;
const PAGES = 64;

function machineOf(by: Implementation) {
  const { bytes, kernels } = IMPLEMENTATIONS[by](PAGES);
  const put = (at: number, array: ArrayBufferView) =>
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
  const floats = (at: number, n: number) => new Float32Array(bytes.slice(at, at + 4 * n).buffer);
  return { bytes, kernels, put, floats };
}
const machines = { wasm: machineOf('wasm'), twin: machineOf('twin') };

/** Float32 of every kind: special ones, logits, and a few far out. */
function sampleFloats(n: number, seed: number, special = true): Float32Array {
  const next = seeded(seed);
  const floats = new Float32Array(n);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < n; i++) {
    const kind = next() % 10;
    if (kind === 0 && special) bits[i] = SPECIAL_BITS[next() % SPECIAL_BITS.length];
    else floats[i] = (next() / 2 ** 32 - 0.5) * (kind < 8 ? 16 : 200);
  }
  return floats;
}
const sampleTargets = (n: number, seed: number): Float32Array => {
  const next = seeded(seed);
  return Float32Array.from(
    { length: n },
    () => [0, 1, 0.5, 2 ** -126, next() / 2 ** 32, 1 - next() / 2 ** 40][next() % 6],
  );
};
/** Bits, with one NaN for all. */
const bitsOf = (floats: Float32Array): number[] => [...floats].map((x) => (Number.isNaN(x) ? -1 : bitsOfFloat32(x)));

describe.each(BOTH)('%s distances', (by) => {
  const { kernels, put, floats } = machines[by];

  test.each(LENGTHS)('of %i float32 are the float32 difference without its sign', (n) => {
    const [a, b] = [sampleFloats(n, n), sampleFloats(n, n + 1)];
    put(AT.a, a);
    put(AT.b, b);
    kernels.distancesOfFloat32(AT.a, AT.b, n, AT.to);
    const expected = Float32Array.from(a, (x, i) => Math.abs(x - b[i]));
    expect(bitsOf(floats(AT.to, n))).toEqual(bitsOf(expected));
    // in place of either operand
    kernels.distancesOfFloat32(AT.a, AT.b, n, AT.b);
    expect(bitsOf(floats(AT.b, n))).toEqual(bitsOf(expected));
  });

  test('with a float64 among them are subtracted in float64 and rounded once', () => {
    const a = Float64Array.of(1 + 2 ** -40, 0.1, -INFINITE, INFINITE, Number.NaN, 1e300, -0);
    const b = Float64Array.of(1, 0.3, 1, INFINITE, 1, -1e300, 0);
    const single = Float32Array.from(b, (x) => (Number.isFinite(x) && Math.abs(x) > 1e38 ? 1 : x));
    put(AT.a, a);
    put(AT.b, b);
    kernels.distancesOfFloat64(AT.a, 8, AT.b, 8, 7, AT.to);
    const expected = [2 ** -40, Math.fround(0.3 - 0.1), INFINITE, Number.NaN, Number.NaN, INFINITE, 0];
    expect([...floats(AT.to, 7)]).toEqual(expected);
    put(AT.b, single);
    kernels.distancesOfFloat64(AT.a, 8, AT.b, 4, 7, AT.to);
    expect([...floats(AT.to, 7)]).toEqual([...Float32Array.from(a, (x, i) => Math.abs(x - single[i]))]);
    kernels.distancesOfFloat64(AT.b, 4, AT.a, 8, 7, AT.to);
    expect([...floats(AT.to, 7)]).toEqual([...Float32Array.from(a, (x, i) => Math.abs(x - single[i]))]);
  });
});

/** ln(sum of the others' e^x) - x_y in double precision. */
function marginOf(row: Float32Array, label: number): number {
  const others = row.filter((_, k) => k !== label);
  const most = Math.max(...others);
  return Math.log(others.reduce((sum, x) => sum + Math.exp(x - most), 0)) + most - row[label];
}

describe.each(BOTH)('%s softmax margins', (by) => {
  const { bytes, kernels, put, floats } = machines[by];
  const margins = (x: Float32Array, classes: Int32Array, width: number): Float32Array => {
    put(AT.a, x);
    put(AT.b, classes);
    kernels.softmaxMargins(AT.a, AT.b, classes.length, width, AT.to, AT.codes);
    // the logits are as they were
    expect(Buffer.compare(bytes.subarray(AT.a, AT.a + x.byteLength), new Uint8Array(x.buffer))).toBe(0);
    return floats(AT.to, classes.length);
  };

  test.each([2, 3, 4, 5, 8, 21, 81, 1000])(
    'of %i classes are within 2^-22 + 2^-24 |z| of double precision',
    (width) => {
      const rows = Math.floor(LONGEST / width);
      for (const scale of [0.01, 1, 10]) {
        const x = sampleFloats(rows * width, width, false).map((value) => value * scale);
        const classes = Int32Array.from({ length: rows }, (_, row) => (row * 7) % width);
        const found = margins(x, classes, width);
        for (const [row, label] of classes.entries()) {
          const z = marginOf(x.subarray(row * width, (row + 1) * width), label);
          const error = Math.abs(found[row] - z);
          if (error > 2 ** -22 + 2 ** -24 * Math.abs(z)) expect.fail(`row ${row}: ${found[row]}, expected ${z}`);
        }
      }
    },
  );

  test('of ignored rows are 0, and their code is 2', () => {
    const found = margins(Float32Array.of(1, 2, Number.NaN, 4, 5, 5), Int32Array.of(0, -2, 1), 2);
    expect([...found]).toEqual([1, 0, 0]);
    expect([...bytes.subarray(AT.codes, AT.codes + 3)]).toEqual([0, 2, 0]);
  });

  test.each([
    ['the class at +Infinity', [INFINITE, 0, 1], -INFINITE],
    ['the class at -Infinity', [-INFINITE, 0, 1], INFINITE],
    ['another at +Infinity', [0, INFINITE, 1], INFINITE],
    ['all others at -Infinity', [0, -INFINITE, -INFINITE], -INFINITE],
    ['one other at -Infinity', [0, -INFINITE, 3], 3],
    ['the class and another at +Infinity', [INFINITE, INFINITE, 1], Number.NaN],
    ['all at -Infinity', [-INFINITE, -INFINITE, -INFINITE], Number.NaN],
    ['NaN in the class', [Number.NaN, 0, 1], Number.NaN],
    ['NaN in another', [0, 1, Number.NaN], Number.NaN],
    ['NaN beside +Infinity', [0, INFINITE, Number.NaN], Number.NaN],
    ['the largest float32', [3.4028234663852886e38, -3.4028234663852886e38, 0], -3.4028234663852886e38],
  ])('have their right place with %s', (_, row, expected) => {
    expect(margins(Float32Array.from(row), Int32Array.of(0), 3)[0]).toBe(expected);
  });
});

describe.each(BOTH)('%s soft targets', (by) => {
  const { bytes, kernels, put, floats } = machines[by];

  test('of any dtype become float32 and codes; the first that is none is told', () => {
    for (const [name, { code, bytes: size, set, lowest }] of Object.entries({ ...INTEGERS, ...FLOATS })) {
      const ignore = lowest < 0 ? -1 : 7;
      const view = new DataView(new ArrayBuffer(5 * size));
      for (const [i, label] of [0, 1, ignore, 1, 3].entries()) set(view, i * size, label);
      put(AT.a + 1, view);
      expect(kernels.softTargets(code, AT.a + 1, 5, ignore, AT.to, AT.codes), name).toBe(4);
      expect(kernels.softTargets(code, AT.a + 1, 4, ignore, AT.to, AT.codes), name).toBe(-1);
      expect([...floats(AT.to, 4)], name).toEqual([0, 1, 0, 1]);
      expect([...bytes.subarray(AT.codes, AT.codes + 4)], name).toEqual([0, 0, 2, 0]);
    }
    put(AT.a, Float64Array.of(0.1, 1 - 2 ** -50, -1e-9, Number.NaN, 1.5));
    for (const [n, bad] of [
      [2, -1],
      [3, 2],
      [5, 2],
    ]) {
      expect(kernels.softTargets(KERNEL_DTYPE.float64, AT.a, n, -1, AT.to, AT.codes)).toBe(bad);
    }
    expect([...floats(AT.to, 2)]).toEqual([Math.fround(0.1), 1]);
  });

  test.each(LENGTHS.filter((n) => n <= LONGEST))('have g within 2^-22 and losses within 2^-20, %i samples', (n) => {
    const [x, t] = [sampleFloats(n, n, false), sampleTargets(n, n + 1)];
    put(AT.a, x);
    put(AT.b, t);
    kernels.softNorms(AT.a, AT.b, n, AT.loss);
    const [g, loss] = [floats(AT.a, n), floats(AT.loss, n)];
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-x[i]));
      if (!(Math.abs(g[i] - Math.abs(p - t[i])) <= 2 ** -22 && g[i] <= 1))
        expect.fail(`x ${x[i]}, t ${t[i]}: g ${g[i]}`);
      const share = x[i] > 0 ? 1 - t[i] : t[i];
      const ce = Math.abs(x[i]) * share + Math.log1p(Math.exp(-Math.abs(x[i])));
      if (!(Math.abs(loss[i] - ce) <= 2 ** -20 * ce + 2e-38)) expect.fail(`x ${x[i]}, t ${t[i]}: ${loss[i]}, ${ce}`);
    }
  });

  test.each([
    [INFINITE, 1, 0, 0],
    [INFINITE, 0, 1, INFINITE],
    [INFINITE, 0.25, 0.75, INFINITE],
    [-INFINITE, 0, 0, 0],
    [-INFINITE, 1, 1, INFINITE],
    [0, 0.5, 0, Math.fround(Math.LN2)],
    [-0, 1, 0.5, Math.fround(Math.LN2)],
    [Number.NaN, 0.5, Number.NaN, Number.NaN],
  ])('x = %f, t = %f have g = %f and loss %f', (x, t, g, loss) => {
    put(AT.a, Float32Array.of(x, 0, 0, 0));
    put(AT.b, Float32Array.of(t, 0, 0, 0));
    kernels.softNorms(AT.a, AT.b, 1, AT.loss);
    expect(floats(AT.a, 1)[0]).toBe(g);
    expect(Math.abs(floats(AT.loss, 1)[0] - loss) <= 2 ** -23 || Object.is(floats(AT.loss, 1)[0], loss)).toBe(true);
  });
});

test('wasm and twin leave the same bits', () => {
  const WIDTH = 5;
  const images = BOTH.map((by) => {
    const { kernels, put, floats } = machines[by];
    const rows = Math.floor(LONGEST / WIDTH);
    put(AT.a, sampleFloats(rows * WIDTH, 3));
    put(
      AT.b,
      Int32Array.from({ length: rows }, (_, row) => (row % 9 === 4 ? -2 : row % WIDTH)),
    );
    kernels.softmaxMargins(AT.a, AT.b, rows, WIDTH, AT.to, AT.codes);
    const margins = bitsOf(floats(AT.to, rows));
    put(AT.a, sampleFloats(LONGEST, 4));
    put(AT.b, sampleTargets(LONGEST, 5));
    kernels.softNorms(AT.a, AT.b, LONGEST, AT.loss);
    return { margins, g: bitsOf(floats(AT.a, LONGEST)), loss: bitsOf(floats(AT.loss, LONGEST)) };
  });
  expect(images[0]).toEqual(images[1]);
});

describe.each(BOTH)('%s sums of soft losses', (by) => {
  const { bytes, kernels, put, floats } = machines[by];
  const { thresholds, firstThreshold } = partitionOf({
    kind: 'float32',
    scale: { task: 'classification', softTargets: true },
    bins: 30,
  });
  const first = AT.tables;
  const thresholdsAt = first + 4 * firstThreshold.length + 4;
  const sums = Math.ceil((thresholdsAt + 4 * thresholds.length) / 64) * 64;
  const infinite = sums + 32 * (0x3f81 + thresholds.length);
  const words = (infinite + 16 - sums) / 8;
  const totals = infinite + 64;

  /** Sums of all entries: units of loss, of t times loss, and the infinite ones. */
  const summed = (at: number): [bigint, bigint, bigint] => {
    const all = new BigUint64Array(bytes.buffer, at, words);
    let [ce, tce] = [0n, 0n];
    for (let i = 0; i + 4 < words; i += 4) {
      ce += all[i] + (all[i + 1] << 32n);
      tce += all[i + 2] + (all[i + 3] << 32n);
    }
    return [ce, tce, all[words - 2]];
  };

  test('are whole units of 2^-32 that add up in any order, by the piece of g', () => {
    const n = 4097;
    const [x, t] = [sampleFloats(n, 8), sampleTargets(n, 9)];
    const codes = Uint8Array.from(x, (_, i) => (i % 5 === 0 ? 2 : 0));
    put(first, firstThreshold);
    put(thresholdsAt, thresholds);
    bytes.fill(0, sums, totals + 8 * words);
    put(AT.a, x);
    put(AT.b, t);
    put(AT.codes, codes);
    kernels.softNorms(AT.a, AT.b, n, AT.loss);
    const run = (from: number, end: number) => {
      const at = [AT.a, AT.b, AT.loss].map((place) => place + 4 * from) as [number, number, number];
      kernels.sumSoftLosses(...at, AT.codes + from, end - from, first, thresholdsAt, sums, infinite);
    };
    run(0, n);
    const whole = bytes.slice(sums, sums + 8 * words);
    const wholeSums = summed(sums);
    kernels.commitSums(sums, totals, words / 2);
    expect(bytes.subarray(sums, sums + 8 * words).every((byte) => byte === 0)).toBe(true);
    // in two halves, the second first
    run(1000, n);
    run(0, 1000);
    expect(Buffer.compare(bytes.subarray(sums, sums + 8 * words), whole)).toBe(0);

    // totals carry from the low words into the high ones
    const inTotals = new BigUint64Array(bytes.buffer, totals, words);
    expect(inTotals.every((word, i) => i % 2 === 1 || word < 2n ** 32n)).toBe(true);
    expect(summed(totals)).toEqual(summed(sums));
    inTotals.fill(2n ** 32n - 1n);
    new BigUint64Array(bytes.buffer, sums, words).fill(2n ** 55n + 5n);
    kernels.commitSums(sums, totals, words / 2);
    expect([inTotals[0], inTotals[1]]).toEqual([4n, 2n ** 32n - 1n + 2n ** 55n + 5n + 2n ** 23n + 1n]);

    const loss = floats(AT.loss, n);
    const g = floats(AT.a, n);
    let [ce, tce, wrong] = [0n, 0n, 0n];
    for (let i = 0; i < n; i++) {
      if (codes[i] === 2 || Number.isNaN(g[i])) continue;
      if (loss[i] >= 2 ** 31) wrong++;
      else {
        ce += BigInt(Math.round(loss[i] * 2 ** 32));
        tce += BigInt(Math.round(loss[i] * t[i] * 2 ** 32));
      }
    }
    const [foundCe, foundTce, foundWrong] = wholeSums;
    expect(foundWrong).toBe(wrong);
    // ties are rounded another way here
    expect(Number(foundCe - ce)).toBeLessThan(n);
    expect(Math.abs(Number(foundTce - tce))).toBeLessThan(n);
  });
});
