import { type Partition, partitionOf } from '../../src/density/partition.ts';
import { LOGITS } from '../../src/density/scale.ts';
import { fillRandom, IMPLEMENTATIONS, type Implementation, type Machine, seeded } from './implementations.ts';
import { CELLS, thresholdBelow } from './tables.ts';

export const SETS = 9;
const MOST_SAMPLES = 70_000;
const MARK = 0x8000_0000;

/** What a sample adds to its set. */
export interface Entry {
  readonly slot: number;
  readonly loss: number;
}

/** One implementation on a memory with random entries for M regions, every other byte random. */
export class SetMachine {
  readonly bins: number;
  readonly slots: number;
  readonly partition: Partition;
  readonly bytes: Uint8Array;
  readonly kernels: Machine['kernels'];
  readonly at: Readonly<Record<string, number>>;
  private readonly fresh: Uint8Array;

  constructor(by: Implementation, bins: number) {
    this.bins = bins;
    this.slots = bins + 2;
    this.partition = partitionOf({ kind: 'float32', scale: LOGITS, bins });
    const count = this.partition.thresholds.length;
    let end = 64;
    const place = (bytes: number): number => {
      const here = end;
      end = Math.ceil((end + bytes) / 64) * 64 + 64;
      return here;
    };
    this.at = {
      first: place(4 * (CELLS + 1)),
      thresholds: place(4 * count),
      entries: place(8 * (3 * CELLS + 2 * count)),
      counters: place(16 * SETS * this.slots),
      totals: place(16 * SETS * this.slots),
      copies: place(4 * 8 * this.slots),
      betas: place(4 * SETS * this.slots),
      rowSets: place(4 * MOST_SAMPLES),
      x: place(4 * MOST_SAMPLES),
      codes: place(MOST_SAMPLES + 8),
      classes: place(4 * MOST_SAMPLES),
      out: place(4 * MOST_SAMPLES),
    };
    const machine = IMPLEMENTATIONS[by](Math.ceil(end / 65_536));
    this.bytes = machine.bytes;
    this.kernels = machine.kernels;
    this.fill();
    this.fresh = this.bytes.slice();
  }

  reset(): void {
    this.bytes.set(this.fresh);
  }

  u32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.bytes.buffer, at, length);
  }

  u64(at: number, length: number): BigUint64Array {
    return new BigUint64Array(this.bytes.buffer, at, length);
  }

  private fill(): void {
    const { at, partition, slots } = this;
    const { thresholds, firstThreshold } = partition;
    fillRandom(this.bytes, this.bins);
    this.u32(at.first, CELLS + 1).set(firstThreshold);
    this.u32(at.thresholds, thresholds.length).set(thresholds);
    const next = seeded(this.bins);
    const entries = this.u32(at.entries, 2 * (3 * CELLS + 2 * thresholds.length));
    for (let i = 0; i < entries.length; i += 2) {
      // the line of the losses stays from 0 to below 2^31: a slope adds or takes away less than 2^27
      entries[i] = 2 ** 27 + (next() % (2 ** 31 - 2 ** 28));
      entries[i + 1] = (next() % slots) + (next() % 2 ** 16) * 2 ** 15;
    }
    for (let i = 0; i < 2 * CELLS; i++) {
      const cell = i % CELLS;
      if (firstThreshold[cell] !== firstThreshold[cell + 1]) entries[2 * i + 1] += MARK;
    }
    this.bytes.fill(0, at.counters, at.copies + 4 * 8 * slots);
  }

  /** The entry of a sample by the definition. */
  entryOf(bits: number, code: number, half: boolean): Entry {
    const { at, partition } = this;
    const { thresholds } = partition;
    const entries = this.u32(at.entries, 2 * (3 * CELLS + 2 * thresholds.length));
    const below = half || code === 2 ? -1 : thresholdBelow(thresholds, bits);
    const i = below >= 0 ? 3 * CELLS + code * thresholds.length + below : code * CELLS + (half ? bits : bits >>> 16);
    const upper = entries[2 * i + 1];
    const slope = (upper << 1) >> 16;
    const low = half ? 0 : bits & 0xffff;
    return { slot: upper & 0x7fff, loss: entries[2 * i] + Math.floor((slope * low) / 16) };
  }
}
