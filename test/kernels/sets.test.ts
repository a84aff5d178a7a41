import { describe, expect, test } from 'vitest';
import { BOTH, seeded } from './implementations.ts';
import { type Entry, SETS, SetMachine } from './set-machine.ts';
import { sampleBits, sampleClasses, sampleCodes, sampleHalves } from './tables.ts';

interface Rows {
  readonly x: Uint32Array | Uint16Array;
  readonly codes: Uint8Array;
  readonly width: number;
  /** `null`: a sample's set is its column. */
  readonly rowSets: Uint32Array | null;
}

/** Sets that come in runs of 1 to `longest` rows. */
function runsOf(rows: number, longest: number, seed: number): Uint32Array {
  const next = seeded(seed);
  const sets = new Uint32Array(rows);
  for (let row = 0; row < rows; ) {
    const end = row + 1 + (next() % longest);
    sets.fill(next() % SETS, row, end);
    row = end;
  }
  return sets;
}

const setOf = ({ rowSets, width }: Rows, i: number): number =>
  rowSets === null ? i % width : rowSets[Math.floor(i / width)];

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Uint16Array | Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Puts rows into a fresh memory; returns the address that the kernels take for the sets. */
function put(machine: SetMachine, rows: Rows): number {
  const { at, bytes } = machine;
  machine.reset();
  bytes.set(bytesOf(rows.x), at.x);
  bytes.set(rows.codes, at.codes);
  if (rows.rowSets === null) return 0;
  bytes.set(bytesOf(rows.rowSets), at.rowSets);
  return at.rowSets;
}

const isHalf = ({ x }: Rows): boolean => x instanceof Uint16Array;

/** The memory as it has to be after the rows were counted. */
function counted(machine: SetMachine, rows: Rows, codeOf: (i: number) => number): Buffer {
  const { at, slots } = machine;
  const expected = Buffer.from(machine.bytes);
  const counters = new BigUint64Array(2 * SETS * slots);
  for (const [i, bits] of rows.x.entries()) {
    const { slot, loss } = machine.entryOf(bits, codeOf(i), isHalf(rows));
    const k = 2 * (setOf(rows, i) * slots + slot);
    counters[k] += BigInt(loss);
    counters[k + 1] += 1n;
  }
  expected.set(new Uint8Array(counters.buffer), at.counters);
  return expected;
}

function weighed(machine: SetMachine, rows: Rows, weightOf: (entry: Entry, set: number, i: number) => number): Buffer {
  const expected = Buffer.from(machine.bytes);
  const weights = Uint32Array.from(rows.x, (bits, i) =>
    weightOf(machine.entryOf(bits, rows.codes[i], isHalf(rows)), setOf(rows, i), i),
  );
  expected.set(bytesOf(weights), machine.at.out);
  return expected;
}

const same = (machine: SetMachine, expected: Buffer, what: string): void =>
  expect(Buffer.compare(expected, machine.bytes), what).toBe(0);

/** Rows of many shapes: sets in short, middling and long runs, or by column. */
function* shapes(bins: number, half: boolean): Generator<Rows & { readonly rows: number; readonly what: string }> {
  for (const [rows, width] of [
    [0, 1],
    [1, 1],
    [5, 1],
    [4099, 1],
    [1500, 3],
    [60, 80],
  ]) {
    const n = rows * width;
    const x = half ? sampleHalves(n, n + width) : sampleBits(bins, n, n + width);
    const codes = sampleCodes(n, n);
    for (const longest of [1, 7, 3000]) {
      yield {
        x,
        codes,
        width,
        rows,
        rowSets: runsOf(rows, longest, n + longest),
        what: `${rows} x ${width}, ${longest}`,
      };
    }
    if (width <= SETS) yield { x, codes, width, rows, rowSets: null, what: `${rows} x ${width} by column` };
  }
}

describe.each(BOTH)('%s kernels of sets', (by) => {
  test.each([1, 30])('count every sample of every set in its slot, with its loss, M = %i', (bins) => {
    const machine = new SetMachine(by, bins);
    const { at, kernels: k, slots, partition } = machine;
    const pieces = [at.entries, at.first, at.thresholds, partition.thresholds.length] as const;
    for (const half of [false, true]) {
      for (const shape of shapes(bins, half)) {
        const { rows, width, what } = shape;
        for (const codes of [at.codes, 0]) {
          const sets = put(machine, shape);
          const expected = counted(machine, shape, (i) => (codes === 0 ? 0 : shape.codes[i]));
          if (half) k.countSetsFloat16(at.x, codes, rows, width, sets, at.counters, slots, at.copies, at.entries);
          else k.countSetsFloat32(at.x, codes, rows, width, sets, at.counters, slots, at.copies, ...pieces);
          same(machine, expected, `${what}, half ${half}, codes ${codes > 0}`);
        }
      }
    }
  });

  test('a run longer than the packed counters hold', () => {
    const machine = new SetMachine(by, 2);
    const { at, kernels, slots } = machine;
    const n = 65_536 + 4097;
    const shape = { x: sampleHalves(n, 1), codes: new Uint8Array(n), width: 1, rowSets: new Uint32Array(n).fill(3) };
    const sets = put(machine, shape);
    // every loss the largest there is
    const entries = machine.u32(at.entries, 4 * 65_536);
    for (let i = 0; i < entries.length; i += 2) entries[i] = 2 ** 31 - 1;
    const expected = counted(machine, shape, () => 0);
    kernels.countSetsFloat16(at.x, at.codes, n, 1, sets, at.counters, slots, at.copies, at.entries);
    same(machine, expected, 'long run');
  });

  test.each([30])('rows of classes: negatives, then foreground and ignored rows moved, M = %i', (bins) => {
    const machine = new SetMachine(by, bins);
    const { at, kernels: k, slots, partition, bytes } = machine;
    const pieces = [at.entries, at.first, at.thresholds, partition.thresholds.length] as const;
    for (const half of [false, true]) {
      for (const shape of shapes(bins, half)) {
        const { rows, width, what } = shape;
        const classes = sampleClasses(rows, width, rows);
        const codeOf = (i: number): number => {
          const label = classes[Math.floor(i / width)];
          return label === -2 ? 2 : Number(label === i % width);
        };
        const codes = Uint8Array.from({ length: rows * width }, (_, i) => codeOf(i));
        const sets = put(machine, shape);
        bytes.set(bytesOf(classes), at.classes);
        const expected = counted(machine, shape, codeOf);
        if (half) {
          k.countSetsFloat16(at.x, 0, rows, width, sets, at.counters, slots, at.copies, at.entries);
          k.moveRowSetsFloat16(at.x, at.classes, rows, width, sets, at.counters, slots, at.entries);
        } else {
          k.countSetsFloat32(at.x, 0, rows, width, sets, at.counters, slots, at.copies, ...pieces);
          k.moveRowSetsFloat32(at.x, at.classes, rows, width, sets, at.counters, slots, ...pieces);
        }
        same(machine, expected, `counted, ${what}, half ${half}`);

        const betas = machine.u32(at.betas, SETS * slots);
        const toWeigh = weighed(machine, { ...shape, codes }, ({ slot }, set, i) =>
          codes[i] === 2 ? 0 : betas[set * slots + slot],
        );
        if (half) {
          k.weighSetsFloat16(at.x, 0, rows, width, sets, at.betas, slots, at.entries, at.out);
          k.reweighRowSetsFloat16(at.x, at.classes, rows, width, sets, at.betas, slots, at.entries, at.out);
        } else {
          k.weighSetsFloat32(at.x, 0, rows, width, sets, at.betas, slots, ...pieces, at.out);
          k.reweighRowSetsFloat32(at.x, at.classes, rows, width, sets, at.betas, slots, ...pieces, at.out);
        }
        same(machine, toWeigh, `weighed, ${what}, half ${half}`);
      }
    }
  });

  test.each([30, 1000])('give every sample the weight of its set and slot, M = %i', (bins) => {
    const machine = new SetMachine(by, bins);
    const { at, kernels: k, slots, partition } = machine;
    const pieces = [at.entries, at.first, at.thresholds, partition.thresholds.length, at.out] as const;
    for (const half of [false, true]) {
      for (const shape of shapes(bins, half)) {
        const sets = put(machine, shape);
        const betas = machine.u32(at.betas, SETS * slots);
        const expected = weighed(machine, shape, ({ slot }, set) => betas[set * slots + slot]);
        const { rows, width, what } = shape;
        if (half) k.weighSetsFloat16(at.x, at.codes, rows, width, sets, at.betas, slots, at.entries, at.out);
        else k.weighSetsFloat32(at.x, at.codes, rows, width, sets, at.betas, slots, ...pieces);
        same(machine, expected, `${what}, half ${half}`);
      }
    }
  });

  test('commit adds a shard to the totals and clears it', () => {
    const machine = new SetMachine(by, 7);
    const { at, kernels, slots } = machine;
    const n = 4 * slots;
    const next = seeded(3);
    const counters = machine.u64(at.counters, 2 * n);
    const totals = machine.u64(at.totals, 2 * n);
    for (let i = 0; i < 2 * n; i++) {
      totals[i] = BigInt(next()) << 20n;
      if (next() % 3 > 0) counters[i] = BigInt(next());
    }
    const expected = totals.map((total, i) => total + counters[i]);
    const beside = machine.u64(at.totals, 2 * SETS * slots).slice(2 * n);
    kernels.commitSets(at.counters, at.totals, n);
    expect(totals.every((total, i) => total === expected[i])).toBe(true);
    expect(machine.u64(at.totals, 2 * SETS * slots).slice(2 * n)).toEqual(beside);
    expect(counters.every((counter) => counter === 0n)).toBe(true);
  });
});
