import { describe, expect, test } from 'vitest';
import { BOTH, fillRandom, IMPLEMENTATIONS, LENGTHS } from './implementations.ts';
import { ALL, DTYPE_NAMES, type DtypeName, INTEGER_NAMES } from './label-dtypes.ts';

// deliberately odd: labels lie at any address
const FROM = 4099;
const TO = 128 * 1024;
const PAGES = 4;
const SHORT = LENGTHS.filter((n) => n <= 17);

describe.each(BOTH)('%s labels', (by) => {
  const { bytes, kernels } = IMPLEMENTATIONS[by](PAGES);
  const view = new DataView(bytes.buffer);

  const put = (name: DtypeName, values: readonly number[], from = FROM): void => {
    fillRandom(bytes, values.length + 1);
    for (const [i, value] of values.entries()) ALL[name].set(view, from + ALL[name].bytes * i, value);
  };
  /** What changed must be exactly these bytes. */
  const expectOnly = (at: number, expected: Uint8Array, run: () => void): void => {
    const image = Buffer.from(bytes);
    image.set(expected, at);
    run();
    expect(Buffer.compare(image, bytes)).toBe(0);
  };

  test.each(DTYPE_NAMES)('binary targets of %s become codes', (name) => {
    const { lowest, highest } = ALL[name];
    for (const n of LENGTHS) {
      for (const ignore of [-1, 2, 255, 0, 1, lowest, highest]) {
        const fits = ignore >= lowest && ignore <= highest;
        const values = Array.from({ length: n }, (_, i) => (i % 5 === 3 && fits ? ignore : i % 2));
        const codes = Uint8Array.from(values, (value) => (value === ignore ? 2 : value));
        put(name, values);
        expectOnly(TO + 1, codes, () => {
          expect(kernels.binaryCodes(ALL[name].code, FROM, n, ignore, TO + 1), `ignore ${ignore}`).toBe(-1);
        });
      }
    }
  });

  test.each(['bool', 'uint8', 'int8'] as const)('binary targets of %s become codes in place', (name) => {
    for (const n of LENGTHS) {
      for (const ignore of [-1, 1, 0, 100]) {
        const values = Array.from({ length: n }, (_, i) => (i % 40 === 39 && ignore === 100 ? ignore : i % 2));
        put(name, values);
        const codes = Uint8Array.from(values, (value) => (value === ignore ? 2 : value));
        expectOnly(FROM, codes, () => expect(kernels.binaryCodes(ALL[name].code, FROM, n, ignore, FROM)).toBe(-1));
      }
    }
  });

  test.each(DTYPE_NAMES)('the first binary target of %s that is not allowed is named', (name) => {
    const { lowest, highest, code } = ALL[name];
    const wrong = [
      2,
      3,
      highest,
      ...(lowest < 0 ? [-2, lowest] : []),
      ...(name in { float32: 0, float64: 0 } ? [0.5, Number.NaN, Infinity] : []),
    ];
    for (const n of LENGTHS.slice(1)) {
      for (const place of new Set([0, n >> 1, n - 1])) {
        for (const value of n > 20 ? wrong.slice(0, 1) : wrong) {
          const values = Array.from({ length: n }, (_, i) => (i === place ? value : i & 1));
          if (place + 2 < n) values[place + 2] = value;
          put(name, values);
          expect(kernels.binaryCodes(code, FROM, n, -1, TO), `${value} at ${place} of ${n}`).toBe(place);
        }
      }
    }
  });

  test.each(INTEGER_NAMES)('class indices of %s become classes', (name) => {
    const { lowest, highest, code } = ALL[name];
    for (const [base, width, background, ignore] of [
      [0, 3, 3, lowest < 0 ? -1 : 255 <= highest ? 100 : 9],
      [1, 3, 0, lowest],
      [0, 80, 80, highest],
      [0, 1, 1, 2],
      // what is ignored comes first, then what is background
      [0, 3, 3, 3],
    ]) {
      const choices = [base, base + width - 1, background, ...(ignore >= lowest && ignore <= highest ? [ignore] : [])];
      for (const n of SHORT) {
        const values = Array.from({ length: n }, (_, i) => choices[i % choices.length]);
        const classes = Int32Array.from(values, (value) =>
          value === ignore ? -2 : value === background ? -1 : value - base,
        );
        put(name, values);
        expectOnly(TO, new Uint8Array(classes.buffer), () =>
          expect(kernels.rowClasses(code, FROM, n, base, width, background, ignore, TO)).toBe(-1),
        );
      }
    }
  });

  test.each(INTEGER_NAMES)('the first class index of %s that is not allowed is named', (name) => {
    const { lowest, highest, code } = ALL[name];
    for (const n of [1, 3, 4, 17]) {
      for (const place of new Set([0, n >> 1, n - 1])) {
        for (const value of [5, highest, ...(lowest < 0 ? [-2, lowest] : [])]) {
          const values = Array.from({ length: n }, (_, i) => (i === place ? value : 1));
          if (place + 2 < n) values[place + 2] = value;
          put(name, values);
          expect(kernels.rowClasses(code, FROM, n, 0, 3, 3, -1, TO), `${value} at ${place} of ${n}`).toBe(place);
        }
      }
    }
  });

  test('64-bit class indices beyond 2^53 are not taken for their neighbours', () => {
    const limit = 2 ** 31;
    fillRandom(bytes, 3);
    for (const value of [2n ** 63n, 2n ** 64n - 1n, 2n ** 32n, 2n ** 53n + 1n]) {
      view.setBigUint64(FROM, value, true);
      expect(kernels.rowClasses(ALL.uint64.code, FROM, 1, 0, 3, 3, -1, TO), String(value)).toBe(0);
      expect(kernels.rowClasses(ALL.uint64.code, FROM, 1, 0, 3, limit - 1, -limit, TO), String(value)).toBe(0);
    }
    for (const value of [-(2n ** 63n), 2n ** 63n - 1n, -(2n ** 32n)]) {
      view.setBigInt64(FROM, value, true);
      expect(kernels.rowClasses(ALL.int64.code, FROM, 1, 0, 3, 3, -1, TO), String(value)).toBe(0);
    }
  });

  test.each([1, 2, 3, 80])('classes become one-hot codes, width %i', (width) => {
    for (const rows of SHORT) {
      const classes = Int32Array.from({ length: rows }, (_, i) => [-1, -2, 0, width - 1][i % 4]);
      fillRandom(bytes, rows);
      bytes.set(new Uint8Array(classes.buffer), FROM + 1);
      const codes = new Uint8Array(rows * width);
      for (const [row, label] of classes.entries()) {
        if (label === -2) codes.fill(2, row * width, (row + 1) * width);
        if (label >= 0) codes[row * width + label] = 1;
      }
      expectOnly(TO + 1, codes, () => kernels.classCodes(FROM + 1, rows, width, TO + 1));
    }
  });
});
