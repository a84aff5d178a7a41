import { describe, expect, test } from 'vitest';
import { BOTH, LENGTHS } from './implementations.ts';
import { CELLS, sampleBits, sampleCodes, sampleHalves, TableMachine, thresholdBelow } from './tables.ts';

/** Counts as the definition has them: a cell, and the last threshold of that cell at or below the bits. */
class Tally {
  readonly cells: Uint32Array;
  readonly splits: Uint32Array;
  private readonly thresholds: Uint32Array;

  constructor(machine: TableMachine) {
    this.thresholds = machine.partition.thresholds;
    this.cells = Uint32Array.from(machine.u32(machine.at.cells, 12 * CELLS));
    this.splits = new Uint32Array(2 * this.thresholds.length);
  }

  add(cell: number, code: number, copy: number): void {
    this.cells[(3 * copy + code) * CELLS + cell]++;
  }

  addFloat32(bits: number, code: number, copy: number): void {
    this.add(bits >>> 16, code, copy);
    const below = thresholdBelow(this.thresholds, bits);
    if (below >= 0 && code < 2) this.splits[code * this.thresholds.length + below]++;
  }
}

/** Runs `count` and checks every byte of the memory against the tally. */
function expectCounted(machine: TableMachine, what: string, count: () => void, tally: Tally): void {
  const { at } = machine;
  machine.forgetGroups();
  const before = machine.image();
  count();
  machine.forgetGroups();
  Buffer.from(tally.cells.buffer).copy(before, at.cells);
  Buffer.from(tally.splits.buffer).copy(before, at.splits);
  expect(Buffer.compare(before, machine.bytes), what).toBe(0);
}

describe.each(BOTH)('%s counting', (by) => {
  test.each([1, 2, 7, 10, 30, 100])('float32 gives each sample to its cell and its piece, M = %i', (bins) => {
    const machine = new TableMachine(by, bins);
    for (const n of LENGTHS) {
      for (const shift of [0, 4]) {
        machine.reset();
        const x = sampleBits(bins, n, n + shift);
        const codes = sampleCodes(n, n);
        machine.u32(machine.at.x + shift, n).set(x);
        machine.bytes.set(codes, machine.at.codes + shift + 1);
        const tally = new Tally(machine);
        for (let i = 0; i < n; i++) tally.addFloat32(x[i], codes[i], i & 3);
        const count = () =>
          machine.kernels.countFloat32(
            machine.at.x + shift,
            machine.at.codes + shift + 1,
            n,
            ...machine.countArguments,
          );
        expectCounted(machine, `n ${n} at +${shift}`, count, tally);
      }
    }
  });

  test.each([1000, 10_000])('float32 is exact beside every one of many thresholds, M = %i', (bins) => {
    const machine = new TableMachine(by, bins);
    const { at, kernels } = machine;
    const x = Uint32Array.from([...machine.partition.thresholds].flatMap((bits) => [bits - 1, bits, bits + 1]));
    for (let from = 0; from < x.length; from += 12_000) {
      const some = x.slice(from, from + 12_000);
      for (const code of [0, 1, 2]) {
        machine.reset();
        machine.u32(at.x, some.length).set(some);
        machine.bytes.fill(code, at.codes, at.codes + some.length);
        const tally = new Tally(machine);
        for (const [i, bits] of some.entries()) tally.addFloat32(bits, code, i & 3);
        const count = () => kernels.countFloat32(at.x, at.codes, some.length, ...machine.countArguments);
        expectCounted(machine, `from ${from}, code ${code}`, count, tally);
      }
    }
  });

  const machine30 = new TableMachine(by, 30);

  test.each(LENGTHS)('float32 that are all negative, %i samples', (n) => {
    const machine = machine30;
    machine.reset();
    const x = sampleBits(30, n, n);
    machine.u32(machine.at.x + 4, n).set(x);
    const tally = new Tally(machine);
    for (let i = 0; i < n; i++) tally.addFloat32(x[i], 0, i & 3);
    const count = () => machine.kernels.countFloat32Negatives(machine.at.x + 4, n, ...machine.countArguments);
    expectCounted(machine, `n ${n}`, count, tally);
  });

  test.each(LENGTHS)('float16, labelled and all negative, %i samples', (n) => {
    for (const labelled of [true, false]) {
      const machine = machine30;
      machine.reset();
      const x = sampleHalves(n, n);
      const codes = sampleCodes(n, n);
      machine.bytes.set(new Uint8Array(x.buffer), machine.at.x + 4);
      machine.bytes.set(codes, machine.at.codes + 1);
      const tally = new Tally(machine);
      for (let i = 0; i < n; i++) tally.add(x[i], labelled ? codes[i] : 0, i & 3);
      const { at, kernels } = machine;
      const count = () =>
        labelled
          ? kernels.countFloat16(at.x + 4, at.codes + 1, n, at.cells)
          : kernels.countFloat16Negatives(at.x + 4, n, at.cells);
      expectCounted(machine, `n ${n}`, count, tally);
    }
  });

  test('calls add up', () => {
    const machine = new TableMachine(by, 10);
    const x = sampleBits(10, 1001, 5);
    const tally = new Tally(machine);
    machine.u32(machine.at.x, x.length).set(x);
    for (let i = 0; i < 1001; i++) {
      tally.addFloat32(x[i], 0, i & 3);
      tally.addFloat32(x[i], 0, i & 3);
    }
    const count = () => {
      machine.kernels.countFloat32Negatives(machine.at.x, 1001, ...machine.countArguments);
      machine.kernels.countFloat32Negatives(machine.at.x, 1001, ...machine.countArguments);
    };
    expectCounted(machine, 'twice', count, tally);
  });
});
