/** The first bytes of the memory: magic, version, and the words below. */
export const HEADER_BYTES = 4096;

const MAGIC = 0x314d4847; // 'GHM1'
const VERSION = 1;

/** Int32 slots of the header. */
const Slot = { magic: 0, version: 1, cancelled: 2, failed: 3 } as const;
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

  constructor(memory: WebAssembly.Memory) {
    this.words = new Int32Array(memory.buffer, 0, 16);
    this.counters = new BigInt64Array(memory.buffer, SAMPLES_DONE * 8, 1);
    if (this.words[Slot.magic] !== MAGIC || this.words[Slot.version] !== VERSION) {
      throw new Error('the shared memory was not made by this version');
    }
  }

  /** Asks all workers to stop; they see it at their next chunk, no other memory is ordered by it. */
  cancel(): void {
    Atomics.store(this.words, Slot.cancelled, 1);
  }

  get cancelled(): boolean {
    // pairs with the store above
    return Atomics.load(this.words, Slot.cancelled) !== 0;
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
  startPass(samplesDone = 0): void {
    Atomics.store(this.counters, 0, BigInt(samplesDone));
  }
}
