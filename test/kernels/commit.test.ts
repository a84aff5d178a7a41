import { describe, expect, test } from 'vitest';
import { BOTH, fillRandom, seeded } from './implementations.ts';
import { CELLS, TableMachine } from './tables.ts';

const CUT = 0x8000_0000;

describe.each(BOTH)('%s commit', (by) => {
  test('adds all four copies to the totals, clears the counters, keeps the marks, and returns what was ignored', () => {
    const machine = new TableMachine(by, 30);
    const { at, kernels } = machine;
    const next = seeded(3);
    const scratch = machine.u32(at.cells, 12 * CELLS);
    // most groups of four cells are empty, as in a real shard; counters up to 2^31 - 1
    for (let i = 0; i < scratch.length; i++) if (i % 37 < 3) scratch[i] = (scratch[i] & CUT) + (next() & 0x7fff_ffff);
    scratch[5] = 0x7fff_ffff;
    scratch[3 * CELLS + 5] = 0x7fff_ffff;
    const totals = machine.u64(at.totals, 2 * CELLS);
    for (let i = 0; i < totals.length; i += 3) totals[i] = 2n ** 53n - 7n;
    const count = (copy: number, entry: number) => BigInt(scratch[copy * 3 * CELLS + entry] & 0x7fff_ffff);
    const counted = (entry: number) => count(0, entry) + count(1, entry) + count(2, entry) + count(3, entry);
    const expected = BigUint64Array.from(totals, (total, entry) => total + counted(entry));
    let ignored = 0n;
    for (let entry = 2 * CELLS; entry < 3 * CELLS; entry++) ignored += counted(entry);

    const image = machine.image();
    Buffer.from(expected.buffer).copy(image, at.totals);
    Buffer.from(scratch.map((entry) => entry & CUT).buffer).copy(image, at.cells);
    expect(kernels.commitCells(at.cells, at.totals)).toBe(ignored);
    expect(Buffer.compare(image, machine.bytes)).toBe(0);

    // a second commit has nothing to add
    expect(kernels.commitCells(at.cells, at.totals)).toBe(0n);
    expect(Buffer.compare(image, machine.bytes)).toBe(0);
  });

  test.each([0, 1, 2, 3, 58, 1001])('adds %i splits to their totals and clears them', (n) => {
    const machine = new TableMachine(by, 1000);
    const { at, kernels } = machine;
    fillRandom(new Uint8Array(machine.bytes.buffer, at.splits, 4 * n), n);
    machine.u64(at.totalSplits, n).fill(0xffff_ffffn);
    const image = machine.image();
    const sums = BigUint64Array.from(machine.u32(at.splits, n), (split) => 0xffff_ffffn + BigInt(split));
    Buffer.from(sums.buffer).copy(image, at.totalSplits);
    image.fill(0, at.splits, at.splits + 4 * n);
    kernels.commitSplits(at.splits, at.totalSplits, n);
    expect(Buffer.compare(image, machine.bytes)).toBe(0);
  });
});
