import { CUT, pieceAfter } from './tables';

// Shapes of the tables of sets (batches or groups), each of which counts its own regions. A slot is a region, or one of
// two more: samples of the last region whose loss is beyond measure, and samples left out.
//
// entries  u64 [3 codes][65536], then u64 [2 codes][thresholds]: what a sample of a cell, or of the piece that begins at
//          a threshold, adds: its slot in bits 32..46; its loss in units of the slot, which is the line
//          base + (slope x low / 16, rounded down) of the low half of its float32, base in bits 0..31 and the signed
//          slope in bits 47..62, from 0 to below 2^31 all over the piece. A float16 has no slope. Bit 63 of a cell's
//          entry marks that thresholds cut it; the rest of it is then that of the cell's first piece.
// counters {u64 loss, u64 samples} [sets][slots], 16-byte aligned
// rowSets  u32 [rows]: set of each row, or address 0 where the set of a sample is its column
// betas    u32 [sets][slots]: bits of the weights
@inline const CUT_ENTRY: u64 = <u64>CUT << 32;
@inline const BASE: u64 = 0xffff_ffff;
@inline export const SLOT: u32 = 0x7fff;
@inline export const ENTRIES: usize = 3 * 65536 * 8;
/** Rows of one sample that are taken one by one before runs are looked for again. A multiple of 4. */
@inline export const SCATTERED: usize = 64;

/** The entry of a sample, mark of a cut cell and all. The cell is the upper half of a float32, or a whole float16. */
@inline
export function markedEntry<T>(entries: usize, code: u32, x: usize): u64 {
  const cell = sizeof<T>() == 4 ? <usize>load<u16>(x, 2) : <usize>load<u16>(x);
  return load<u64>(entries + (((<usize>code << 16) + cell) << 3));
}

/** The upper half of the same: slot, slope and mark. */
@inline
export function markedSlot<T>(entries: usize, code: u32, x: usize): u32 {
  const cell = sizeof<T>() == 4 ? <usize>load<u16>(x, 2) : <usize>load<u16>(x);
  return load<u32>(entries + (((<usize>code << 16) + cell) << 3), 4);
}

/** The upper half of the entry of the sample's piece, where the cell's is marked; its low bits are the slot. */
@inline
export function pieceSlot<T>(slot: u32, entries: usize, code: u32, x: usize, first: usize, thresholds: usize, count: u32): u32 {
  if (sizeof<T>() == 2 || <i32>slot >= 0) return slot;
  const bits = load<u32>(x);
  const p = pieceAfter(bits, first, thresholds);
  if (p == load<u32>(first + (<usize>(bits >>> 16) << 2))) return slot & ~CUT;
  return load<u32>(entries + ENTRIES + (<usize>(code * count + p - 1) << 3), 4);
}

/** The entry of the sample's piece, where the cell's is marked. */
@inline
export function pieceEntry<T>(entry: u64, entries: usize, code: u32, x: usize, first: usize, thresholds: usize, count: u32): u64 {
  if (sizeof<T>() == 2 || <i64>entry >= 0) return entry;
  const bits = load<u32>(x);
  const p = pieceAfter(bits, first, thresholds);
  if (p == load<u32>(first + (<usize>(bits >>> 16) << 2))) return entry & ~CUT_ENTRY;
  return load<u64>(entries + ENTRIES + (<usize>(code * count + p - 1) << 3));
}

@inline
export function slotOf(entry: u64): usize {
  return <usize>(entry >> 32) & SLOT;
}

/** Loss of the sample at x, whose piece has this entry. */
@inline
export function lossOf<T>(entry: u64, x: usize): u64 {
  if (sizeof<T>() == 2) return entry & BASE;
  const slope = <i64>(entry << 1) >> 48;
  return (entry & BASE) + ((slope * <i64>load<u16>(x)) >> 4);
}

/** First row at or after `row + 1` that is of another set than `row`. */
@inline
export function endOfRun(rowSets: usize, row: usize, rows: usize): usize {
  const set = load<u32>(rowSets + (row << 2));
  // rows in no order are told at once
  if (row + 1 == rows || load<u32>(rowSets + (row << 2), 4) != set) return row + 1;
  const same = i32x4.splat(set);
  let end = row + 1;
  while (end + 4 <= rows && i32x4.all_true(i32x4.eq(v128.load(rowSets + (end << 2)), same))) end += 4;
  while (end < rows && load<u32>(rowSets + (end << 2)) == set) end++;
  return end;
}
