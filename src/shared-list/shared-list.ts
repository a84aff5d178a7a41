import { deserialize, serialize } from 'node:v8';
import { type Column, columnOf, valueAt } from './columns.ts';
import type { List } from './list.ts';

/** Items that are packed together. */
const BLOCK_ITEMS = 64;

/** The items of a list as they are sent to other threads, which copies nothing. */
export interface PackedItems {
  readonly length: number;
  /** Blocks of BLOCK_ITEMS items, one after the other. */
  readonly bytes: SharedArrayBuffer;
  /** Where each block ends. */
  readonly ends: Float64Array<SharedArrayBuffer>;
  /** Those that items hold. */
  readonly buffers: readonly SharedArrayBuffer[];
}

/** A block, unpacked. */
interface Block {
  readonly number: number;
  readonly column: Column;
}

/**
 * A list of plain data, packed: of 100,000 items, each thread has those at hand that it looks at. Made once, by a SharedListMaker.
 * To go over it in order is fast; an item anywhere costs as much as a block.
 */
export class SharedList<T> implements List<T> {
  readonly packed: PackedItems;
  private block: Block | undefined;
  /** The item that was asked for last. */
  private latest: { readonly index: number; readonly item: T } | undefined;

  /** @param block one that need not be unpacked any more */
  constructor(packed: PackedItems, block?: Block) {
    this.packed = packed;
    this.block = block;
  }

  static of<T>(items: Iterable<T>): SharedList<T> {
    const maker = new SharedListMaker<T>();
    for (const item of items) maker.push(item);
    return maker.list();
  }

  /** The list itself where it is one that threads share. */
  static from<T>(list: List<T>): SharedList<T> {
    return list instanceof SharedList ? list : SharedList.of(list);
  }

  get length(): number {
    return this.packed.length;
  }

  at(index: number): T | undefined {
    if (index < 0 || index >= this.length) return undefined;
    if (this.latest?.index !== index) this.latest = { index, item: this.unpackedItem(index) };
    return this.latest.item;
  }

  private unpackedItem(index: number): T {
    const number = Math.floor(index / BLOCK_ITEMS);
    if (this.block?.number !== number) this.block = { number, column: this.unpacked(number) };
    // as it was pushed
    return valueAt(this.block.column, index % BLOCK_ITEMS, this.packed.buffers) as T;
  }

  private unpacked(block: number): Column {
    const { bytes, ends } = this.packed;
    const start = block === 0 ? 0 : ends[block - 1];
    // what reads it takes no shared memory
    return deserialize(Uint8Array.from(new Uint8Array(bytes, start, ends[block] - start)));
  }

  *entries(): Generator<[number, T]> {
    for (let i = 0; i < this.length; i++) {
      const item = this.at(i);
      if (item !== undefined) yield [i, item];
    }
  }

  *[Symbol.iterator](): Generator<T> {
    for (const [, item] of this.entries()) yield item;
  }

  map<U>(make: (item: T, index: number) => U): U[] {
    return Array.from(this, make);
  }

  reduce<U>(add: (sum: U, item: T) => U, initial: U): U {
    let sum = initial;
    for (const item of this) sum = add(sum, item);
    return sum;
  }

  some(holds: (item: T) => boolean): boolean {
    for (const item of this) if (holds(item)) return true;
    return false;
  }
}

/** Makes a list item by item. */
export class SharedListMaker<T> {
  private readonly blocks: Uint8Array[] = [];
  private readonly buffers: SharedArrayBuffer[] = [];
  private last: Block | undefined;
  private waiting: T[] = [];

  /** @param item plain data, of which nothing is `undefined` */
  push(item: T): void {
    this.waiting.push(item);
    if (this.waiting.length === BLOCK_ITEMS) this.pack();
  }

  private pack(): void {
    this.last = { number: this.blocks.length, column: columnOf(this.waiting, this.buffers) };
    this.blocks.push(serialize(this.last.column));
    this.waiting = [];
  }

  list(): SharedList<T> {
    const length = this.blocks.length * BLOCK_ITEMS + this.waiting.length;
    if (this.waiting.length > 0) this.pack();
    const ends = new Float64Array(new SharedArrayBuffer(this.blocks.length * Float64Array.BYTES_PER_ELEMENT));
    let end = 0;
    for (const [i, block] of this.blocks.entries()) {
      end += block.length;
      ends[i] = end;
    }
    const bytes = new SharedArrayBuffer(end);
    for (const [i, block] of this.blocks.entries()) new Uint8Array(bytes).set(block, ends[i] - block.length);
    return new SharedList({ length, bytes, ends, buffers: this.buffers }, this.last);
  }
}
