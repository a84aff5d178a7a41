import { type Partition, partitionOf } from '../../src/density/partition.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { fillRandom, IMPLEMENTATIONS, type Implementation, type Machine, seeded } from './implementations.ts';
import { interestingBits, SPECIAL_HALVES } from './special-floats.ts';

export const CELLS = 65_536;
const CUT = 0x8000_0000;
const PAGES = 96;
const MOST_THRESHOLDS = 20_002;
const MOST_SAMPLES = 3 * 4096 + 1;

/** Where everything lies, with 64 bytes that belong to nobody between any two. */
const ADDRESS = (() => {
  let at = 64;
  const place = (bytes: number): number => {
    const here = at;
    at = Math.ceil((at + bytes) / 64) * 64 + 64;
    return here;
  };
  return {
    first: place(4 * (CELLS + 1)),
    thresholds: place(4 * MOST_THRESHOLDS),
    cells: place(4 * 12 * CELLS),
    splits: place(4 * 2 * MOST_THRESHOLDS),
    totals: place(8 * 2 * CELLS),
    totalSplits: place(8 * 2 * MOST_THRESHOLDS),
    beta: place(4 * 3 * CELLS),
    betaSplits: place(4 * 2 * MOST_THRESHOLDS),
    groups: place(4096),
    x: place(4 * MOST_SAMPLES + 8),
    codes: place(MOST_SAMPLES + 8),
    classes: place(4 * MOST_SAMPLES),
    out: place(4 * MOST_SAMPLES + 8),
  };
})();

/** One implementation on a memory with tables for M, every other byte random. */
export class TableMachine {
  readonly at = ADDRESS;
  readonly bytes: Uint8Array;
  readonly kernels: Machine['kernels'];
  readonly view: DataView;
  readonly partition: Partition;
  private readonly fresh: Uint8Array;

  constructor(by: Implementation, bins: number) {
    const machine = IMPLEMENTATIONS[by](PAGES);
    this.bytes = machine.bytes;
    this.kernels = machine.kernels;
    this.view = new DataView(this.bytes.buffer);
    this.partition = partitionOf({ kind: 'float32', scale: LOGITS, bins });
    this.fillFresh();
    this.fresh = this.bytes.slice();
  }

  /** As it was made: the partition, empty counters with the marks of cut cells, random weights, random bytes elsewhere. */
  reset(): void {
    this.bytes.set(this.fresh);
  }

  u32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.bytes.buffer, at, length);
  }

  u64(at: number, length: number): BigUint64Array {
    return new BigUint64Array(this.bytes.buffer, at, length);
  }

  private fillFresh(): void {
    const { at, partition } = this;
    fillRandom(this.bytes, partition.bins);
    this.u32(at.first, CELLS + 1).set(partition.firstThreshold);
    this.u32(at.thresholds, this.count).set(partition.thresholds);
    this.u32(at.cells, 12 * CELLS).fill(0);
    this.u32(at.splits, 2 * this.count).fill(0);
    this.u64(at.totals, 2 * CELLS).fill(0n);
    this.u64(at.totalSplits, 2 * this.count).fill(0n);
    const beta = this.u32(at.beta, 3 * CELLS);
    for (let i = 0; i < beta.length; i++) beta[i] &= 0x7fff_ffff;
    for (const cell of this.cutCells()) {
      for (const table of [0, 1, 3, 4, 6, 7, 9, 10]) this.u32(at.cells, 12 * CELLS)[table * CELLS + cell] = CUT;
      for (const table of [0, 1]) beta[table * CELLS + cell] += CUT;
    }
  }

  get count(): number {
    return this.partition.thresholds.length;
  }

  *cutCells(): Generator<number> {
    const { firstThreshold } = this.partition;
    for (let cell = 0; cell < CELLS; cell++) if (firstThreshold[cell] !== firstThreshold[cell + 1]) yield cell;
  }

  /** What the counting kernels take after the samples. */
  get countArguments() {
    const { cells, splits, first, thresholds, groups } = this.at;
    return [cells, splits, first, thresholds, this.count, groups] as const;
  }

  get weighArguments() {
    const { beta, betaSplits, first, thresholds } = this.at;
    return [beta, betaSplits, first, thresholds, this.count] as const;
  }

  /** The list of cut groups is the kernel's own: forget it before memories are compared. */
  forgetGroups(): void {
    this.bytes.fill(0, this.at.groups, this.at.groups + 4096);
  }

  image(): Buffer {
    return Buffer.from(this.bytes);
  }
}

/** Number of the last threshold at or below the bits, in the same cell; -1 where there is none. */
export function thresholdBelow(thresholds: Uint32Array, bits: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle] <= bits) low = middle + 1;
    else high = middle;
  }
  return low > 0 && thresholds[low - 1] >>> 16 === bits >>> 16 ? low - 1 : -1;
}

/** n float32 as bits: special ones and thresholds, values detectors give, and any bits at all. */
export function sampleBits(bins: number, n: number, seed: number): Uint32Array {
  const next = seeded(seed);
  const interesting = interestingBits(bins);
  const floats = new Float32Array(1);
  const bits = new Uint32Array(floats.buffer);
  return Uint32Array.from({ length: n }, () => {
    const kind = next() % 8;
    if (kind < 3) return interesting[next() % interesting.length];
    if (kind === 3) return next();
    floats[0] = (next() / 2 ** 32 - 0.8) * 12;
    return bits[0];
  });
}

export function sampleHalves(n: number, seed: number): Uint16Array {
  const next = seeded(seed);
  return Uint16Array.from({ length: n }, () =>
    next() % 4 === 0 ? SPECIAL_HALVES[next() % SPECIAL_HALVES.length] : next() & 0xffff,
  );
}

export function sampleCodes(n: number, seed: number): Uint8Array {
  const next = seeded(seed);
  return Uint8Array.from({ length: n }, () => next() % 3);
}

/** One class a row: background, ignored and foreground. */
export function sampleClasses(rows: number, width: number, seed: number): Int32Array {
  const next = seeded(seed);
  return Int32Array.from({ length: rows }, () => [-1, -1, -2, next() % width][next() % 4]);
}
