import { describe, expect, test } from 'vitest';
import type { Kernels } from '../../workers/kernel-interface.ts';
import { scalarKernels } from '../../workers/twins/index.ts';
import { seeded, wasmExportNames, wasmKernels } from './implementations.ts';
import { CELLS, sampleBits, sampleClasses, sampleCodes, sampleHalves, TableMachine } from './tables.ts';

const memoryOfPages = (pages: number) => new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });

test('the module exports the kernels that have twins, those of generate, the stream sum, and nothing else', () => {
  const twins = Object.keys(scalarKernels(new ArrayBuffer(8)));
  const others = ['generateFloat16', 'generateFloat32', 'streamSum'];
  const functions = wasmExportNames().filter((name) => name !== 'memory');
  expect(functions.sort()).toEqual([...twins, ...others].sort());
});

test('the stream sum adds all words modulo 2^32', () => {
  const memory = memoryOfPages(2);
  const words = new Uint32Array(memory.buffer);
  const next = seeded(9);
  for (let i = 0; i < words.length; i++) words[i] = next();
  const { streamSum } = wasmKernels(memory);
  for (const bytes of [0, 64, 128, 4096, 65_536]) {
    const sum = words.slice(16, 16 + bytes / 4).reduce((total, word) => (total + word) >>> 0, 0);
    expect(streamSum(64, bytes) >>> 0).toBe(sum);
  }
});

describe.each([1, 2, 7, 30, 10_000])(
  'on random data the kernels leave the memory as their twins do, M = %i',
  (bins) => {
    const wasm = new TableMachine('wasm', bins);
    const twin = new TableMachine('twin', bins);

    /** Both machines with the same random samples, then the same call on both, then every byte of both. */
    const compare = (
      seed: number,
      width: number,
      call: (kernels: Kernels, n: number, rows: number) => unknown,
    ): void => {
      const next = seeded(seed);
      const rows = Math.floor((next() % 9000) / width);
      const n = rows * width;
      const half = next() % 2 === 0;
      for (const machine of [wasm, twin]) {
        const { at, bytes } = machine;
        machine.reset();
        bytes.set(new Uint8Array((half ? sampleHalves(2 * n, seed) : sampleBits(bins, n, seed)).buffer), at.x);
        bytes.set(sampleCodes(n, seed), at.codes);
        bytes.set(new Uint8Array(sampleClasses(rows, width, seed).buffer), at.classes);
      }
      call(wasm.kernels, n, rows);
      call(twin.kernels, n, rows);
      for (const machine of [wasm, twin]) machine.forgetGroups();
      expect(Buffer.compare(wasm.bytes, twin.bytes), `seed ${seed}`).toBe(0);
    };
    const { at } = wasm;
    const pieces = [at.cells, at.splits, at.first, at.thresholds, wasm.count] as const;
    const weights = wasm.weighArguments;

    test.each([11, 12, 13])('labelled, seed %i', (seed) => {
      compare(seed, 1, (k, n) => {
        k.countFloat32(at.x, at.codes, n, ...pieces, at.groups);
        k.weighFloat32(at.x, at.codes, n, ...weights, at.groups, at.out);
        k.countFloat16(at.x, at.codes, n, at.cells);
        k.narrowToFloat16(at.beta, 0, at.out);
        k.narrowToCodes(at.beta, 0, at.out);
        k.commitCells(at.cells, at.totals);
        k.commitSplits(at.splits, at.totalSplits, 2 * wasm.count);
      });
      compare(seed, 1, (k, n) => k.weighFloat16(at.x, at.codes, n, at.beta, at.out));
    });

    test.each([
      [21, 1],
      [22, 2],
      [23, 3],
      [24, 80],
    ])('rows, seed %i, width %i', (seed, width) => {
      compare(seed, width, (k, n, rows) => {
        k.countFloat32Negatives(at.x, n, ...pieces, at.groups);
        k.moveRowsFloat32(at.x, at.classes, rows, width, ...pieces);
        k.weighFloat32Negatives(at.x, n, ...weights, at.groups, at.out);
        k.reweighRowsFloat32(at.x, at.classes, rows, width, ...weights, at.out);
        k.commitCells(at.cells, at.totals);
        k.commitSplits(at.splits, at.totalSplits, 2 * wasm.count);
      });
      compare(seed, width, (k, n, rows) => {
        k.countFloat16Negatives(at.x, n, at.cells);
        k.moveRowsFloat16(at.x, at.classes, rows, width, at.cells);
        k.weighFloat16Negatives(at.x, n, at.beta, at.out);
        k.reweighRowsFloat16(at.x, at.classes, rows, width, at.beta, at.out);
        k.commitCells(at.cells, at.totals);
      });
    });

    test('the counted samples are those of the call, all of them', () => {
      compare(31, 1, (k, n) => {
        k.countFloat32(at.x, at.codes, n, ...pieces, at.groups);
        const ignored = k.commitCells(at.cells, at.totals);
        const machine = k === wasm.kernels ? wasm : twin;
        expect(machine.u64(at.totals, 2 * CELLS).reduce((sum, count) => sum + count, ignored)).toBe(BigInt(n));
      });
    });
  },
);
