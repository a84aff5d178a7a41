/** Int32 slots of the words that all lanes share. */
const Slot = { arrived: 0, round: 1, cancelled: 2, nextShard: 3 } as const;
const SLOTS = 4;
/** Looks before a lane that waits goes to sleep: some 0.1 ms. */
const LOOKS = 50_000;

/** Where the lanes of one run meet, so that all begin their work at the same moment. */
export class Barrier {
  private readonly words: Int32Array;

  constructor(words: SharedArrayBuffer) {
    this.words = new Int32Array(words);
  }

  static words(): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * SLOTS);
  }

  /** Waits for all lanes; false where the bench was cancelled. Call it twice: the first wakes, the second releases. */
  meet(lanes: number): boolean {
    const { words } = this;
    // read before arriving: after the last arrival the round may end at any moment
    const round = Atomics.load(words, Slot.round);
    // after that load: a later cancel ends the round that is waited for here
    if (this.cancelled) return false;
    // the addition orders this lane's writes before those who see the round end
    if (Atomics.add(words, Slot.arrived, 1) + 1 === lanes) {
      // before the round ends, so that nobody arrives for the next one in the old count
      Atomics.store(words, Slot.arrived, 0);
      this.endRound();
    }
    // sees the addition that ended the round; awake at first, for a core that sleeps comes late
    for (let look = 0; look < LOOKS; look++) if (Atomics.load(words, Slot.round) !== round) return !this.cancelled;
    // returns at once where the round has ended in between
    while (Atomics.load(words, Slot.round) === round) Atomics.wait(words, Slot.round, round);
    return !this.cancelled;
  }

  /** Lets everybody go who waits, and everybody who comes. */
  cancel(): void {
    // before the round ends: who wakes has to see it
    Atomics.store(this.words, Slot.cancelled, 1);
    this.endRound();
  }

  get cancelled(): boolean {
    // pairs with the store above
    return Atomics.load(this.words, Slot.cancelled) !== 0;
  }

  /** Before a run, while no lane works. */
  resetShards(): void {
    Atomics.store(this.words, Slot.nextShard, 0);
  }

  /** The next number nobody has; only the number matters, no other memory is ordered by it. */
  takeShard(): number {
    return Atomics.add(this.words, Slot.nextShard, 1);
  }

  private endRound(): void {
    // orders everything before it for those who load the round
    Atomics.add(this.words, Slot.round, 1);
    Atomics.notify(this.words, Slot.round);
  }
}
