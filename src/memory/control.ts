import type { Layout } from './layout.ts';

/** The first bytes of the memory: magic, version, and the words below. */
export const HEADER_BYTES = 4096;

const MAGIC = 0x314d4847; // 'GHM1'
const VERSION = 1;

/** Int32 slots of the header. */
const Slot = { magic: 0, version: 1, nextArena: 2, cancelled: 3, nextShard: 4, failed: 5 } as const;
/** Int64 slots of the header, behind the Int32 ones. */
const SAMPLES_DONE = 8;

/** Makes a new memory known as one of this layout's version. */
export function markHeader(memory: WebAssembly.Memory): void {
  const words = new Int32Array(memory.buffer, 0, 2);
  words[Slot.magic] = MAGIC;
  words[Slot.version] = VERSION;
}

/** The words that threads share while they run. */
export class Control {
  private readonly words: Int32Array;
  private readonly counters: BigInt64Array;
  private readonly threads: number;

  constructor(memory: WebAssembly.Memory, { threads }: Pick<Layout, 'threads'>) {
    this.threads = threads;
    this.words = new Int32Array(memory.buffer, 0, 16);
    this.counters = new BigInt64Array(memory.buffer, SAMPLES_DONE * 8, 1);
    if (this.words[Slot.magic] !== MAGIC || this.words[Slot.version] !== VERSION) {
      throw new Error('the shared memory was not made by this version');
    }
  }

  /** A worker takes the next free arena; the atomic addition gives each its own. */
  claimArena(): number {
    const index = Atomics.add(this.words, Slot.nextArena, 1);
    if (index >= this.threads) throw new Error('more workers started than the memory has arenas for');
    return index;
  }

  /** Asks all workers to stop; they see it at their next chunk, no other memory is ordered by it. */
  cancel(): void {
    Atomics.store(this.words, Slot.cancelled, 1);
  }

  get cancelled(): boolean {
    // pairs with the store above
    return Atomics.load(this.words, Slot.cancelled) !== 0;
  }

  /**
   * A worker takes the next shard of the pass. Numbers are given out in order and each once, so whatever shard fails, all
   * before it have been taken and end too.
   */
  claimShard(): number {
    return Atomics.add(this.words, Slot.nextShard, 1);
  }

  /** After a failure no further shard is taken; those under way are finished. */
  fail(): void {
    // seen by the others at their next shard; it orders no other memory
    Atomics.store(this.words, Slot.failed, 1);
  }

  get failed(): boolean {
    return Atomics.load(this.words, Slot.failed) !== 0;
  }

  /** Adds to the samples done in this pass; only for display, so its order to other writes does not matter. */
  addDone(samples: number): void {
    Atomics.add(this.counters, 0, BigInt(samples));
  }

  get done(): number {
    // a display value, possibly a chunk behind
    return Number(Atomics.load(this.counters, 0));
  }

  /** Before a pass, while no worker runs: the message that starts them orders these stores before their loads. */
  startPass(): void {
    Atomics.store(this.counters, 0, 0n);
    Atomics.store(this.words, Slot.nextShard, 0);
  }
}
