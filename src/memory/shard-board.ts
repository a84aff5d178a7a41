import type { Shard } from '../plan/shards.ts';

/** Logits, labels, label weights, and the column in which sets are looked up. */
export const ARRAYS_OF_A_PART = 4;

/** Int32 words before the states of shards. */
const NEXT = 0;
const HEADER = 16;

/** States of a shard: open, taken by a slot (slot + 1), done by a slot (-1 - slot), done by an earlier run. */
const OPEN = 0;
const DONE_BEFORE = -0x8000_0000;
const takenBy = (slot: number): number => slot + 1;
const doneBy = (slot: number): number => -1 - slot;

/** Who may change a slot's totals. */
const FREE = 0;
const WORKER = 1;
const KEEPER = 2;

/** How long the main thread waits for one worker's commit, which takes about a millisecond. */
const PATIENCE_MS = 100;

/** Which numbers of the segments of a stream are those of a shard: the first of each, and the number of all at the end. */
export function firstSegments(shards: readonly Pick<Shard, 'segments'>[]): Uint32Array {
  const first = new Uint32Array(shards.length + 1);
  for (const [i, { segments }] of shards.entries()) first[i + 1] = first[i] + segments.length;
  return first;
}

/**
 * Which shards of a pass are open, taken or done, and what was found of each segment: shared by all threads, so that it outlives a
 * worker that dies. A slot is one worker's place in a pass: its arena, whichever thread stands there.
 */
export class ShardBoard {
  /** Crosses to the workers. */
  readonly buffer: SharedArrayBuffer;
  /** [segments] CRC-32 of the weights written. */
  readonly checksums: Uint32Array;
  /** [segments][ARRAYS_OF_A_PART] sums of the bytes that pass 1 read; see workers/input-sums.ts. */
  readonly inputSums: Uint32Array;
  private readonly words: Int32Array;
  private readonly states: Int32Array;
  private readonly locks: Int32Array;

  constructor(buffer: SharedArrayBuffer, shards: number, segments: number, slots: number) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, HEADER);
    this.states = new Int32Array(buffer, 4 * HEADER, shards);
    this.locks = new Int32Array(buffer, 4 * (HEADER + shards), slots);
    const tables = 4 * (HEADER + shards + slots);
    this.checksums = new Uint32Array(buffer, tables, segments);
    this.inputSums = new Uint32Array(buffer, tables + 4 * segments, ARRAYS_OF_A_PART * segments);
  }

  static create(shards: number, segments: number, slots: number): ShardBoard {
    const words = HEADER + shards + slots + segments + ARRAYS_OF_A_PART * segments;
    return new ShardBoard(new SharedArrayBuffer(4 * words), shards, segments, slots);
  }

  /** Before a pass, while no worker runs: the message that starts them orders these stores before their loads. */
  startPass(done: Uint8Array | null): void {
    for (let shard = 0; shard < this.states.length; shard++) this.states[shard] = done?.[shard] ? DONE_BEFORE : OPEN;
    this.locks.fill(FREE);
    this.words[NEXT] = 0;
  }

  /**
   * A worker takes the next open shard. Numbers are looked at in order and each shard is taken once, so whatever shard
   * fails, all before it have been taken and end too.
   */
  claim(slot: number): number | undefined {
    for (;;) {
      const shard = Atomics.add(this.words, NEXT, 1);
      if (shard >= this.states.length) return undefined;
      // of two that look at a reopened shard one gets it
      if (Atomics.compareExchange(this.states, shard, OPEN, takenBy(slot)) === OPEN) return shard;
    }
  }

  /** The shard is done; what was written of it before is seen by who sees this store. */
  finish(slot: number, shard: number): void {
    Atomics.store(this.states, shard, doneBy(slot));
  }

  /** Before a worker adds a shard to its totals: waits while the main thread reads them. */
  beginCommit(slot: number): void {
    // acquires the totals: the other side's store of FREE comes after its reads
    while (Atomics.compareExchange(this.locks, slot, FREE, WORKER) !== FREE) Atomics.wait(this.locks, slot, KEEPER);
  }

  /** The totals hold the shard. */
  endCommit(slot: number, shard: number): void {
    this.finish(slot, shard);
    // releases totals and state together
    Atomics.store(this.locks, slot, FREE);
    Atomics.notify(this.locks, slot);
  }

  /** Main thread: keeps every slot from committing. Returns false, holding none, where one is at it for too long. */
  holdCommits(): boolean {
    for (let slot = 0; slot < this.locks.length; slot++) {
      if (this.hold(slot)) continue;
      for (let held = 0; held < slot; held++) this.release(held);
      return false;
    }
    return true;
  }

  releaseCommits(): void {
    for (let slot = 0; slot < this.locks.length; slot++) this.release(slot);
  }

  private hold(slot: number): boolean {
    // acquires the totals, as in beginCommit
    if (Atomics.compareExchange(this.locks, slot, FREE, KEEPER) === FREE) return true;
    Atomics.wait(this.locks, slot, WORKER, PATIENCE_MS);
    return Atomics.compareExchange(this.locks, slot, FREE, KEEPER) === FREE;
  }

  private release(slot: number): void {
    if (Atomics.compareExchange(this.locks, slot, KEEPER, FREE) === KEEPER) Atomics.notify(this.locks, slot);
  }

  /** Whether the worker of a slot, which is dead, was changing its totals: they are worth nothing then. */
  diedCommitting(slot: number): boolean {
    // the worker is gone: nothing changes the word any more
    return Atomics.load(this.locks, slot) === WORKER;
  }

  /** The shard that the worker of a slot had when it died. */
  takenBy(slot: number): number | undefined {
    const shard = this.states.indexOf(takenBy(slot));
    return shard < 0 ? undefined : shard;
  }

  /**
   * Gives back the shard of a slot whose worker died; and, where its results died with it, all shards that it did. The
   * slot is free for another worker.
   */
  reopen(slot: number, resultsToo: boolean): void {
    for (let shard = 0; shard < this.states.length; shard++) {
      // only this slot's worker changes these states, and it is gone
      const state = Atomics.load(this.states, shard);
      if (state === takenBy(slot) || (resultsToo && state === doneBy(slot))) Atomics.store(this.states, shard, OPEN);
    }
    Atomics.store(this.locks, slot, FREE);
    // workers look from there again, past what is taken or done: the dead one may have had the number of a shard, and not taken it
    const first = this.states.findIndex((_, shard) => Atomics.load(this.states, shard) === OPEN);
    if (first >= 0 && first < Atomics.load(this.words, NEXT)) Atomics.store(this.words, NEXT, first);
  }

  /** Gives back all shards that workers of this run have done. */
  reopenDone(): void {
    // the main thread holds all commits: no state becomes done meanwhile
    for (let shard = 0; shard < this.states.length; shard++) {
      const state = Atomics.load(this.states, shard);
      if (state < 0 && state !== DONE_BEFORE) Atomics.store(this.states, shard, OPEN);
    }
    Atomics.store(this.words, NEXT, 0);
  }

  /** 1 for each shard that is done, by whom ever. */
  done(): Uint8Array {
    // pairs with the store in finish: what was written of a shard that is done is seen
    return Uint8Array.from({ length: this.states.length }, (_, shard) =>
      Atomics.load(this.states, shard) < 0 ? 1 : 0,
    );
  }
}
