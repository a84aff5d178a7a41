import { IGNORED, areNegative, codeAt } from './tables';
import { SCATTERED, endOfRun, lossOf, markedEntry, pieceEntry, slotOf } from './sets';

// Count the samples of each set by region, with their losses.
//   x        u32 [rows * width] bits of float32 logits, or u16 of float16
//   codes    u8 [rows * width]: 0 negative, 1 positive, 2 ignored; or address 0: all are negative
//   rowSets, entries, counters, slots: see sets.ts
//   copies   u64 [4][slots], zero before and after: counters of one run of rows of a set, samples in bits 47..63 and
//            loss below, four so that equal neighbours do not wait for each other's store
// Sums of integers: the result does not depend on how the rows are cut into calls.

@inline const ONE: u64 = 1 << 47;
/** Samples that the packed counters hold: 2^16 losses below 2^31 are below 2^47. */
@inline const RUN: usize = 65536;

/** Adds the sample at x `amount` times to the counters of a set; -1 takes it away. */
@inline
function addTo<T>(set: usize, entry: u64, x: usize, amount: u64): void {
  const at = set + (slotOf(entry) << 4);
  store<u64>(at, load<u64>(at) + amount * lossOf<T>(entry, x));
  store<u64>(at, load<u64>(at, 8) + amount, 8);
}

@inline
function addPacked<T>(copy: usize, entry: u64, x: usize): void {
  const at = copy + (slotOf(entry) << 3);
  store<u64>(at, load<u64>(at) + lossOf<T>(entry, x) + ONE);
}

/** One by one: for few samples. */
@inline
function countFew<T, L>(
  x: usize, codes: usize, n: usize, set: usize, nextSet: usize, entries: usize, first: usize, thresholds: usize, count: u32,
): void {
  for (let i: usize = 0; i < n; i++) {
    const at = x + i * sizeof<T>();
    const code = codeAt<L>(codes, i);
    addTo<T>(set, pieceEntry<T>(markedEntry<T>(entries, code, at), entries, code, at, first, thresholds, count), at, 1);
    set += nextSet;
  }
}

@inline
function addFour<T, L>(at: usize, codes: usize, copies: usize, copy: usize, entries: usize, first: usize, thresholds: usize, count: u32): void {
  const x1 = at + sizeof<T>();
  const x2 = at + 2 * sizeof<T>();
  const x3 = at + 3 * sizeof<T>();
  let a = markedEntry<T>(entries, codeAt<L>(codes, 0), at);
  let b = markedEntry<T>(entries, codeAt<L>(codes, 1), x1);
  let c = markedEntry<T>(entries, codeAt<L>(codes, 2), x2);
  let d = markedEntry<T>(entries, codeAt<L>(codes, 3), x3);
  if (sizeof<T>() == 4 && <i64>(a | b | c | d) < 0) {
    a = pieceEntry<T>(a, entries, codeAt<L>(codes, 0), at, first, thresholds, count);
    b = pieceEntry<T>(b, entries, codeAt<L>(codes, 1), x1, first, thresholds, count);
    c = pieceEntry<T>(c, entries, codeAt<L>(codes, 2), x2, first, thresholds, count);
    d = pieceEntry<T>(d, entries, codeAt<L>(codes, 3), x3, first, thresholds, count);
  }
  addPacked<T>(copies, a, at);
  addPacked<T>(copies + copy, b, x1);
  addPacked<T>(copies + 2 * copy, c, x2);
  addPacked<T>(copies + 3 * copy, d, x3);
}

/** Rows of one sample whose sets come in no order. */
@inline
function countScattered<T, L>(
  x: usize, codes: usize, rows: usize, rowSets: usize, counters: usize, setBytes: usize, entries: usize, first: usize, thresholds: usize, count: u32,
): void {
  for (let i: usize = 0; i < rows; i++) {
    const at = x + i * sizeof<T>();
    const code = codeAt<L>(codes, i);
    const set = counters + <usize>load<u32>(rowSets + (i << 2)) * setBytes;
    addTo<T>(set, pieceEntry<T>(markedEntry<T>(entries, code, at), entries, code, at, first, thresholds, count), at, 1);
  }
}

/** At most RUN samples of one set: in the four copies first, then those into the set's counters. */
@inline
function countRun<T, L>(
  x: usize, codes: usize, n: usize, set: usize, slots: usize, copies: usize, entries: usize, first: usize, thresholds: usize, count: u32,
): void {
  const copy = slots << 3;
  const end = x + (n & ~3) * sizeof<T>();
  const wide = x + (n & ~15) * sizeof<T>();
  let at = x;
  let code = codes;
  while (at < wide) {
    // most are negative: no label is looked up then
    if (isSigned<L>() || areNegative(code)) {
      for (let four = 0; four < 4; four++) {
        addFour<T, i8>(at, 0, copies, copy, entries, first, thresholds, count);
        at += 4 * sizeof<T>();
      }
    } else {
      for (let four: usize = 0; four < 16; four += 4) {
        addFour<T, L>(at, code + four, copies, copy, entries, first, thresholds, count);
        at += 4 * sizeof<T>();
      }
    }
    if (!isSigned<L>()) code += 16;
  }
  while (at < end) {
    addFour<T, L>(at, code, copies, copy, entries, first, thresholds, count);
    at += 4 * sizeof<T>();
    if (!isSigned<L>()) code += 4;
  }
  countFew<T, L>(at, code, n & 3, set, 0, entries, first, thresholds, count);
  for (let slot: usize = 0; slot < copy; slot += 8) {
    const packed = copies + slot;
    const a = load<u64>(packed);
    const b = load<u64>(packed + copy);
    const c = load<u64>(packed + 2 * copy);
    const d = load<u64>(packed + 3 * copy);
    if (!(a | b | c | d)) continue;
    store<u64>(packed, 0);
    store<u64>(packed + copy, 0);
    store<u64>(packed + 2 * copy, 0);
    store<u64>(packed + 3 * copy, 0);
    const to = set + (slot << 1);
    const mask = ONE - 1;
    store<u64>(to, load<u64>(to) + (a & mask) + (b & mask) + (c & mask) + (d & mask));
    store<u64>(to, load<u64>(to, 8) + (a >> 47) + (b >> 47) + (c >> 47) + (d >> 47), 8);
  }
}

@inline
function countSets<T, L>(
  x: usize, codes: usize, rows: usize, width: usize, rowSets: usize, counters: usize, slots: usize, copies: usize,
  entries: usize, first: usize, thresholds: usize, count: u32,
): void {
  const setBytes = slots << 4;
  if (!rowSets) {
    for (let row: usize = 0; row < rows; row++) {
      const i = row * width;
      countFew<T, L>(x + i * sizeof<T>(), codes + i, width, counters, setBytes, entries, first, thresholds, count);
    }
    return;
  }
  // emptying the copies costs about as much as this many samples
  const fewest = slots << 2;
  for (let row: usize = 0; row < rows; ) {
    const end = endOfRun(rowSets, row, rows);
    if (width == 1 && end == row + 1) {
      const n = min(rows - row, SCATTERED);
      countScattered<T, L>(x + row * sizeof<T>(), codes + row, n, rowSets + (row << 2), counters, setBytes, entries, first, thresholds, count);
      row += n;
      continue;
    }
    const set = counters + <usize>load<u32>(rowSets + (row << 2)) * setBytes;
    const stop = end * width;
    for (let i = row * width; i < stop; ) {
      const n = min(stop - i, RUN);
      const at = x + i * sizeof<T>();
      if (n < fewest) countFew<T, L>(at, codes + i, n, set, 0, entries, first, thresholds, count);
      else countRun<T, L>(at, codes + i, n, set, slots, copies, entries, first, thresholds, count);
      i += n;
    }
    row = end;
  }
}

/** float32 logits. */
export function countSetsFloat32(
  x: usize, codes: usize, rows: usize, width: usize, rowSets: usize, counters: usize, slots: usize, copies: usize,
  entries: usize, first: usize, thresholds: usize, count: u32,
): void {
  if (codes) countSets<u32, u8>(x, codes, rows, width, rowSets, counters, slots, copies, entries, first, thresholds, count);
  else countSets<u32, i8>(x, 0, rows, width, rowSets, counters, slots, copies, entries, first, thresholds, count);
}

/** float16 logits: no cell is cut. */
export function countSetsFloat16(
  x: usize, codes: usize, rows: usize, width: usize, rowSets: usize, counters: usize, slots: usize, copies: usize, entries: usize,
): void {
  if (codes) countSets<u16, u8>(x, codes, rows, width, rowSets, counters, slots, copies, entries, 0, 0, 0);
  else countSets<u16, i8>(x, 0, rows, width, rowSets, counters, slots, copies, entries, 0, 0, 0);
}

@inline
function moveInSet<T>(at: usize, code: u32, set: usize, entries: usize, first: usize, thresholds: usize, count: u32): void {
  addTo<T>(set, pieceEntry<T>(markedEntry<T>(entries, 0, at), entries, 0, at, first, thresholds, count), at, -1);
  addTo<T>(set, pieceEntry<T>(markedEntry<T>(entries, code, at), entries, code, at, first, thresholds, count), at, 1);
}

@inline
function moveRowSets<T>(
  x: usize, classes: usize, rows: usize, width: usize, rowSets: usize, counters: usize, slots: usize, entries: usize, first: usize, thresholds: usize, count: u32,
): void {
  const setBytes = slots << 4;
  const nextSet: usize = rowSets ? <usize>0 : setBytes;
  for (let row: usize = 0; row < rows; row++) {
    const label = load<i32>(classes + (row << 2));
    if (label == -1) continue;
    const set = rowSets ? counters + <usize>load<u32>(rowSets + (row << 2)) * setBytes : counters;
    const start = label >= 0 ? <usize>label : 0;
    const end = label >= 0 ? start + 1 : width;
    const code: u32 = label >= 0 ? 1 : IGNORED;
    for (let c = start; c < end; c++) {
      moveInSet<T>(x + (row * width + c) * sizeof<T>(), code, set + c * nextSet, entries, first, thresholds, count);
    }
  }
}

/** After countSetsFloat32 with codes 0 over the same rows. classes: i32 [rows], -1 background, -2 ignored. */
export function moveRowSetsFloat32(
  x: usize, classes: usize, rows: usize, width: usize, rowSets: usize, counters: usize, slots: usize, entries: usize, first: usize, thresholds: usize, count: u32,
): void {
  moveRowSets<u32>(x, classes, rows, width, rowSets, counters, slots, entries, first, thresholds, count);
}

/** After countSetsFloat16 with codes 0 over the same rows. */
export function moveRowSetsFloat16(
  x: usize, classes: usize, rows: usize, width: usize, rowSets: usize, counters: usize, slots: usize, entries: usize,
): void {
  moveRowSets<u16>(x, classes, rows, width, rowSets, counters, slots, entries, 0, 0, 0);
}

/**
 * Adds n counters of a finished shard to the totals that all threads share, and clears them. The additions are atomic:
 * other threads may commit at the same time, and sums do not depend on the order.
 */
export function commitSets(counters: usize, totals: usize, n: usize): void {
  for (let i: usize = 0; i < n << 4; i += 16) {
    const from = counters + i;
    const counter = v128.load(from);
    if (!v128.any_true(counter)) continue;
    v128.store(from, i64x2.splat(0));
    atomic.add<u64>(totals + i, i64x2.extract_lane(counter, 0));
    atomic.add<u64>(totals + i, i64x2.extract_lane(counter, 1), 8);
  }
}
