import { describe, expect, test } from 'vitest';
import { BOTH, fillRandom, IMPLEMENTATIONS, LENGTHS } from './implementations.ts';
import { ALL, DTYPE_NAMES, type DtypeName } from './label-dtypes.ts';

const WEIGHTS = 4099;
const CODES = 256 * 1024 + 1;
const PAGES = 24;

describe.each(BOTH)('%s label weights', (by) => {
  const { bytes, kernels } = IMPLEMENTATIONS[by](PAGES);
  const view = new DataView(bytes.buffer);

  const valuesOf = (name: DtypeName): number[] => {
    const { lowest, highest } = ALL[name];
    const signed = lowest < 0 ? [-1, lowest] : [];
    const small = name === 'float32' ? [2 ** -149, -(2 ** -149), -0, 0.5, Infinity, -Infinity] : [];
    const smaller = name === 'float64' ? [2 ** -1074, -(2 ** -1074), -0, 0.5, Infinity, -Infinity] : [];
    return [0, 1, highest, ...signed, ...small, ...smaller];
  };
  const put = (name: DtypeName, values: readonly number[]): void => {
    for (const [i, value] of values.entries()) ALL[name].set(view, WEIGHTS + ALL[name].bytes * i, value);
  };

  test.each(DTYPE_NAMES)('a weight of %s above 0 says valid, any other leaves its codes out', (name) => {
    const choices = valuesOf(name);
    for (const width of [1, 2, 3, 80]) {
      for (const n of width === 80 ? LENGTHS.filter((length) => length <= 4095) : LENGTHS) {
        fillRandom(bytes.subarray(0, 65_536), n);
        const values = Array.from({ length: n }, (_, i) => choices[i % choices.length]);
        put(name, values);
        for (let i = 0; i < n * width; i++) bytes[CODES + i] = i % 2;
        bytes[CODES + n * width] = 77;
        bytes[CODES - 1] = 78;
        const expected = bytes.slice(CODES - 1, CODES + n * width + 1);
        for (let i = 0; i < n; i++) if (!(values[i] > 0)) expected.fill(2, 1 + i * width, 1 + (i + 1) * width);
        expect(kernels.applyWeightsToCodes(ALL[name].code, WEIGHTS, n, CODES, width)).toBe(-1);
        const found = bytes.subarray(CODES - 1, CODES + n * width + 1);
        expect(Buffer.compare(expected, found), `${n} of width ${width}`).toBe(0);
      }
    }
  });

  test.each(['float32', 'float64'] as const)('the first NaN among weights of %s is named', (name) => {
    for (const n of LENGTHS.slice(1)) {
      for (const place of new Set([0, n >> 1, n - 1])) {
        for (const width of [1, 3]) {
          const values = Array.from({ length: n }, (_, i) => (i === place || i === place + 2 ? Number.NaN : i % 2));
          put(name, values);
          expect(kernels.applyWeightsToCodes(ALL[name].code, WEIGHTS, n, CODES, width)).toBe(place);
        }
      }
    }
  });

  test('rows whose weight left them out are ignored, the others keep their class', () => {
    for (const rows of LENGTHS) {
      fillRandom(bytes, rows);
      const classes = new Int32Array(bytes.buffer, 8192 * 64, rows);
      for (let i = 0; i < rows; i++) bytes[CODES + i] = i % 3;
      const image = Buffer.from(bytes);
      for (let i = 0; i < rows; i++) if (i % 3 === 2) image.writeInt32LE(-2, classes.byteOffset + 4 * i);
      kernels.applyWeightsToClasses(CODES, rows, classes.byteOffset);
      expect(Buffer.compare(image, bytes), `${rows} rows`).toBe(0);
    }
  });
});
