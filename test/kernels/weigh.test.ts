import { describe, expect, test } from 'vitest';
import { BOTH, LENGTHS } from './implementations.ts';
import { CELLS, sampleBits, sampleCodes, sampleHalves, TableMachine, thresholdBelow } from './tables.ts';

/** The weight as the definition has it: that of the sample's piece. */
function weightOfFloat32(machine: TableMachine, bits: number, code: number): number {
  const entry = machine.u32(machine.at.beta, 3 * CELLS)[code * CELLS + (bits >>> 16)];
  if (code === 2) return entry;
  const below = thresholdBelow(machine.partition.thresholds, bits);
  if (below < 0) return entry & 0x7fff_ffff;
  return machine.u32(machine.at.betaSplits, 2 * machine.count)[code * machine.count + below];
}

/** Runs `weigh` and checks that `out` holds the weights and that no other byte changed. */
function expectWeighed(
  machine: TableMachine,
  what: string,
  out: number,
  weights: Uint32Array,
  weigh: () => void,
): void {
  machine.forgetGroups();
  const expected = machine.image();
  Buffer.from(weights.buffer).copy(expected, out);
  weigh();
  machine.forgetGroups();
  expect(Buffer.compare(expected, machine.bytes), what).toBe(0);
}

describe.each(BOTH)('%s weighing', (by) => {
  test.each([1, 2, 7, 10, 30, 100, 1000, 10_000])('float32 gets the weight of its piece, M = %i', (bins) => {
    const machine = new TableMachine(by, bins);
    const { at, kernels } = machine;
    for (const [k, n] of LENGTHS.entries()) {
      const shift = 4 * (k % 2);
      machine.reset();
      const x = sampleBits(bins, n, n);
      const codes = sampleCodes(n, n);
      machine.u32(at.x + shift, n).set(x);
      machine.bytes.set(codes, at.codes + 1);
      const labelled = Uint32Array.from(x, (bits, i) => weightOfFloat32(machine, bits, codes[i]));
      expectWeighed(machine, `labelled, n ${n}`, at.out + shift, labelled, () =>
        kernels.weighFloat32(at.x + shift, at.codes + 1, n, ...machine.weighArguments, at.groups, at.out + shift),
      );
      const negatives = Uint32Array.from(x, (bits) => weightOfFloat32(machine, bits, 0));
      expectWeighed(machine, `negatives, n ${n}`, at.out, negatives, () =>
        kernels.weighFloat32Negatives(at.x + shift, n, ...machine.weighArguments, at.groups, at.out),
      );
    }
  });

  const machine = new TableMachine(by, 1);

  test.each(LENGTHS)('float16 gets the weight of its cell, %i samples', (n) => {
    machine.reset();
    const { at, kernels } = machine;
    const x = sampleHalves(n, n);
    const codes = sampleCodes(n, n);
    machine.bytes.set(new Uint8Array(x.buffer), at.x + 4);
    machine.bytes.set(codes, at.codes + 3);
    const beta = machine.u32(at.beta, 3 * CELLS);
    const labelled = Uint32Array.from(x, (bits, i) => beta[codes[i] * CELLS + bits]);
    expectWeighed(machine, 'labelled', at.out, labelled, () =>
      kernels.weighFloat16(at.x + 4, at.codes + 3, n, at.beta, at.out),
    );
    const negatives = Uint32Array.from(x, (bits) => beta[bits]);
    expectWeighed(machine, 'negatives', at.out + 4, negatives, () =>
      kernels.weighFloat16Negatives(at.x + 4, n, at.beta, at.out + 4),
    );
  });
});
