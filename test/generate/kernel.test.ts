import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { blockKeys, blockRows } from '../../src/generate/block.ts';
import { quantileTables } from '../../src/generate/distribution.ts';
import { float16Bits, type GenerateKernels, random, scalarGenerating } from '../../workers/twins/generate.ts';

const TABLES = 64;
const LOGITS = 2 ** 16;
const LABELS = 12 * 2 ** 20;
const WEIGHTS = 15 * 2 ** 20;
const PAGES = 256;

const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
const wasm = new WebAssembly.Module(readFileSync(new URL('../../dist/workers/kernels.wasm', import.meta.url)));
const kernels = new WebAssembly.Instance(wasm, { env: { memory } }).exports as unknown as GenerateKernels;
const twinBytes = new Uint8Array(PAGES * 65_536);
const twins = scalarGenerating(twinBytes.buffer);

/** The memory after one call, on bytes that were 7, so that a write outside of the arrays shows. */
function made(
  by: GenerateKernels,
  bytes: Uint8Array,
  kernel: keyof GenerateKernels,
  rows: number,
  classes: number,
  labelBytes: number,
  weights: number,
): Buffer {
  bytes.fill(7);
  const tables = quantileTables();
  new Float32Array(bytes.buffer, TABLES, tables.length).set(tables);
  const [key0, key1] = blockKeys(rows, classes);
  by[kernel](rows, classes, labelBytes, key0, key1, TABLES, LOGITS, LABELS, weights);
  return Buffer.from(bytes.buffer);
}

describe.each(['generateFloat32', 'generateFloat16'] as const)('%s gives the bits of its twin', (kernel) => {
  test.each([
    [1, 1],
    [1, 8],
    [3, 8],
    [80, 8],
    [65_536, 8],
  ])('classes %i, labels of %i bytes', (classes, labelBytes) => {
    const block = blockRows(classes);
    for (const rows of [0, 1, 3, 4, 5, 31, 32, 33, block - 1, block, block + 1]) {
      for (const weights of [0, WEIGHTS]) {
        const found = made(kernels, new Uint8Array(memory.buffer), kernel, rows, classes, labelBytes, weights);
        const expected = made(twins, twinBytes, kernel, rows, classes, labelBytes, weights);
        expect(found.equals(expected), `${rows} rows, weights at ${weights}`).toBe(true);
      }
    }
  });
});

test('rows do not depend on how many of their block are made', () => {
  const whole = Buffer.from(made(twins, twinBytes, 'generateFloat32', 32_768, 1, 1, WEIGHTS));
  const [key0, key1] = blockKeys(32_768, 1);
  twins.generateFloat32(1000, 1, 1, key0, key1, TABLES, LOGITS, LABELS, WEIGHTS);
  expect(Buffer.from(twinBytes.buffer).equals(whole)).toBe(true);
});

test('a seed means the same bytes in every version', () => {
  made(twins, twinBytes, 'generateFloat32', 32_768, 1, 1, WEIGHTS);
  const logits = twinBytes.subarray(LOGITS, LOGITS + 4 * 32_768);
  expect(createHash('sha256').update(logits).digest('hex').slice(0, 16)).toBe('9fa85b1a040d4717');
});

test('float16 bits are the nearest, ties to even', () => {
  const cases: readonly (readonly [number, number])[] = [
    [0, 0],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [2049 / 2048, 0x3c00],
    [2051 / 2048, 0x3c02],
    [1 + 3 / 2048 - 2 ** -23, 0x3c01],
    [2 ** -14, 0x0400],
    [2 ** -14 - 2 ** -26, 0x0400],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2],
    [-25.5, 0xce60],
  ];
  for (const [z, bits] of cases) expect(float16Bits(Math.fround(z)), String(z)).toBe(bits);
});

describe('random numbers', () => {
  test('are evenly spread over their bits and differ from key to key', () => {
    const n = 20_000;
    for (const [key0, key1] of [blockKeys(0, 0), blockKeys(0, 1), blockKeys(1, 0)]) {
      const ones = new Float64Array(32);
      for (let i = 0; i < n; i++) {
        const h = random(i, key0, key1);
        for (let bit = 0; bit < 32; bit++) ones[bit] += (h >>> bit) & 1;
      }
      // five standard deviations
      for (const count of ones) expect(Math.abs(count - n / 2)).toBeLessThan(2.5 * Math.sqrt(n));
    }
  });

  test('have keys of their own for every seed and block, beyond 32 bits too', () => {
    const numbers = [0, 1, 2, 3, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    const keys = numbers.flatMap((seed) => numbers.map((block) => blockKeys(seed, block).join()));
    expect(new Set(keys).size).toBe(64);
  });
});
