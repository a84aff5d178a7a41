import { BLOCK, IGNORED, areNegative } from './tables';

// Fine cells, beside the cells of 16 bits: the top bits of z (x of a negative, -x of a positive) in a range of |z|.
//   x         u32 [n] bits of float32, 4-byte aligned, any tail
//   codes     u8 [n]: 0 negative, 1 positive, 2 ignored
//   shift     32 less the bits of a fine cell, 2 to 16
//   lowest    number of the lowest fine cell among those of all float32 from +0 up
//   limit     fine cells of one sign
//   stride    entries of one sign, above `limit`
// Entry k stands for fine cell `lowest` + k of z from +0 up, stride + k for that of z from -0 down; entry `limit` of
// either sign for all beyond, NaN among them.

/** Byte offsets of the entries of four z, from `table`. */
@inline
function entriesOf(z: v128, shift: u32, mask: v128, lowest: v128, limit: v128, stride: v128, table: v128): v128 {
  const cell = i32x4.sub(v128.and(i32x4.shr_u(z, shift - 2), mask), lowest);
  // as unsigned numbers, cells below the lowest are above the limit
  return i32x4.add(i32x4.add(i32x4.min_u(cell, limit), v128.and(i32x4.shr_s(z, 31), stride)), table);
}

/** Entry of one z, given as bits. */
@inline
function entryOf(bits: u32, shift: u32, lowest: u32, limit: u32, stride: u32): u32 {
  const cell = min<u32>(((bits & 0x7fff_ffff) >>> shift) - lowest, limit);
  return bits >> 31 ? stride + cell : cell;
}

/** The bits of a fine cell's number, without the sign, times 4. */
@inline
function maskOf(shift: u32): v128 {
  return i32x4.splat((0x7fff_ffff >>> (shift - 2)) & ~3);
}

/** Codes of four samples, one a lane. */
@inline
function fourCodes(codes: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(codes)));
}

@inline
function increment(entry: usize): void {
  store<u32>(entry, load<u32>(entry) + 1);
}

@inline
function countFour(entries: v128): void {
  increment(i32x4.extract_lane(entries, 0));
  increment(i32x4.extract_lane(entries, 1));
  increment(i32x4.extract_lane(entries, 2));
  increment(i32x4.extract_lane(entries, 3));
}

/** Adds n labelled samples to `counts`, u32 [2][stride]; ignored ones count as beyond. */
export function countFine(
  x: usize, codes: usize, n: usize, counts: usize, shift: u32, lowest: u32, limit: u32, stride: u32,
): void {
  const mask = maskOf(shift);
  const low = i32x4.splat(lowest << 2);
  const top = i32x4.splat(limit << 2);
  const below = i32x4.splat(stride << 2);
  const table = i32x4.splat(<u32>counts);
  let i: usize = 0;
  for (; i + 16 <= n; i += 16) {
    const at = x + (i << 2);
    if (areNegative(codes + i)) {
      countFour(entriesOf(v128.load(at), shift, mask, low, top, below, table));
      countFour(entriesOf(v128.load(at, 16), shift, mask, low, top, below, table));
      countFour(entriesOf(v128.load(at, 32), shift, mask, low, top, below, table));
      countFour(entriesOf(v128.load(at, 48), shift, mask, low, top, below, table));
    } else {
      for (let four: usize = 0; four < 16; four += 4) {
        const labels = fourCodes(codes + i + four);
        const z = v128.xor(v128.load(at + (four << 2)), i32x4.shl(labels, 31));
        // all ones are NaN
        const kept = v128.or(z, i32x4.gt_s(labels, i32x4.splat(1)));
        countFour(entriesOf(kept, shift, mask, low, top, below, table));
      }
    }
  }
  for (; i < n; i++) {
    const code = <u32>load<u8>(codes + i);
    const bits = code == IGNORED ? -1 : load<u32>(x + (i << 2)) ^ (code << 31);
    increment(counts + (<usize>entryOf(bits, shift, lowest, limit, stride) << 2));
  }
}

/** As countFine where every sample is negative. */
export function countFineNegatives(
  x: usize, n: usize, counts: usize, shift: u32, lowest: u32, limit: u32, stride: u32,
): void {
  const mask = maskOf(shift);
  const low = i32x4.splat(lowest << 2);
  const top = i32x4.splat(limit << 2);
  const below = i32x4.splat(stride << 2);
  const table = i32x4.splat(<u32>counts);
  let at = x;
  for (const end = x + ((n & ~3) << 2); at < end; at += 16) {
    countFour(entriesOf(v128.load(at), shift, mask, low, top, below, table));
  }
  for (const end = x + (n << 2); at < end; at += 4) {
    increment(counts + (<usize>entryOf(load<u32>(at), shift, lowest, limit, stride) << 2));
  }
}

@inline
function add(counts: usize, entry: u32, amount: u32): void {
  const at = counts + (<usize>entry << 2);
  store<u32>(at, load<u32>(at) + amount);
}

@inline const IGNORED_ROW: i32 = -2;

/** After countFineNegatives over the same x, u32 [rows * width]: classes as in rows.ts. */
export function moveRowsFine(
  x: usize, classes: usize, rows: usize, width: usize, counts: usize, shift: u32, lowest: u32, limit: u32, stride: u32,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const label = load<i32>(classes + (row << 2));
    if (label >= 0) {
      const bits = load<u32>(x + ((row * width + label) << 2));
      add(counts, entryOf(bits, shift, lowest, limit, stride), -1);
      add(counts, entryOf(bits ^ 0x8000_0000, shift, lowest, limit, stride), 1);
    } else if (label == IGNORED_ROW) {
      for (let i = row * width; i < (row + 1) * width; i++) {
        add(counts, entryOf(load<u32>(x + (i << 2)), shift, lowest, limit, stride), -1);
      }
    }
  }
}

// Weighing by z.
//   table    u32 [2^(32 - shift)], by the top bits of z: bits of the weight, or where it is not one for all CUT and the
//            number of the piece that holds the lowest of its places
//   places   u32 [pieces]: ascending places of float32 (see src/density/ordered-bits.ts) at which pieces begin, the first
//            that of -Infinity
//   weights  u32 [pieces]: bits of their weights
//   groups   u32 [BLOCK / 4]: room for the list of groups of four samples of which one lies in a cut entry
//   out      u32 [n]: bits of the weights; must not overlap x

@inline const CUT: u32 = 0x8000_0000;
@inline const INFINITY_BITS: u32 = 0x7f80_0000;

/** Bits of the weight of one z in a cut entry; NaN weighs 0. */
function pieceWeight(bits: u32, entry: u32, places: usize, weights: usize, pieces: u32): u32 {
  if ((bits & 0x7fff_ffff) > INFINITY_BITS) return 0;
  const place = bits >> 31 ? ~bits : bits | CUT;
  // its piece is `low` or above, most often near: in steps that double, then between the last two
  let low = entry & ~CUT;
  let step: u32 = 1;
  while (low + step < pieces && load<u32>(places + (<usize>(low + step) << 2)) <= place) {
    low += step;
    step <<= 1;
  }
  let high = min<u32>(low + step, pieces);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<u32>(places + (<usize>middle << 2)) <= place) low = middle;
    else high = middle;
  }
  return load<u32>(weights + (<usize>low << 2));
}

/** Bits of the weight of one sample that is not ignored. */
@inline
function weightOfZ(bits: u32, table: usize, shift: u32, places: usize, weights: usize, pieces: u32): u32 {
  const entry = load<u32>(table + (<usize>(bits >>> shift) << 2));
  return entry & CUT ? pieceWeight(bits, entry, places, weights, pieces) : entry;
}

@inline
function lookFour(z: v128, shift: u32, mask: v128, table: v128): v128 {
  const entries = i32x4.add(v128.and(i32x4.shr_u(z, shift - 2), mask), table);
  let weights = v128.load32_zero(i32x4.extract_lane(entries, 0));
  weights = v128.load_lane<u32>(i32x4.extract_lane(entries, 1), weights, 1);
  weights = v128.load_lane<u32>(i32x4.extract_lane(entries, 2), weights, 2);
  return v128.load_lane<u32>(i32x4.extract_lane(entries, 3), weights, 3);
}

/** L: u8 where there are codes, i8 where every sample is negative. */
@inline
function weigh<L>(
  x: usize, codes: usize, n: usize, table: usize, shift: u32, places: usize, weights: usize, pieces: u32,
  groups: usize, out: usize,
): void {
  const mask = i32x4.splat(~3);
  const from = i32x4.splat(<u32>table);
  for (let done: usize = 0; done < n; done += BLOCK) {
    const stop = min(done + BLOCK, n);
    const whole = done + ((stop - done) & ~3);
    let group = groups;
    for (let i = done; i < whole; i += 4) {
      let z = v128.load(x + (i << 2));
      let found: v128;
      if (isSigned<L>() || !load<u32>(codes + i)) {
        found = lookFour(z, shift, mask, from);
      } else {
        const labels = fourCodes(codes + i);
        z = v128.xor(z, i32x4.shl(labels, 31));
        found = v128.andnot(lookFour(z, shift, mask, from), i32x4.gt_s(labels, i32x4.splat(1)));
      }
      v128.store(out + (i << 2), found);
      if (i32x4.bitmask(found)) {
        store<u32>(group, <u32>i);
        group += 4;
      }
    }
    for (let i = whole; i < stop; i++) {
      const code = isSigned<L>() ? 0 : <u32>load<u8>(codes + i);
      const bits = load<u32>(x + (i << 2)) ^ (code << 31);
      store<u32>(out + (i << 2), code == IGNORED ? 0 : weightOfZ(bits, table, shift, places, weights, pieces));
    }
    for (let g = groups; g < group; g += 4) {
      const first = <usize>load<u32>(g);
      for (let i = first; i < first + 4; i++) {
        const entry = load<u32>(out + (i << 2));
        if (!(entry & CUT)) continue;
        const code = isSigned<L>() ? 0 : <u32>load<u8>(codes + i);
        store<u32>(out + (i << 2), pieceWeight(load<u32>(x + (i << 2)) ^ (code << 31), entry, places, weights, pieces));
      }
    }
  }
}

/** Labelled samples; ignored ones weigh 0. */
export function weighWindow(
  x: usize, codes: usize, n: usize, table: usize, shift: u32, places: usize, weights: usize, pieces: u32,
  groups: usize, out: usize,
): void {
  weigh<u8>(x, codes, n, table, shift, places, weights, pieces, groups, out);
}

/** Samples that are all negative. */
export function weighWindowNegatives(
  x: usize, n: usize, table: usize, shift: u32, places: usize, weights: usize, pieces: u32, groups: usize, out: usize,
): void {
  weigh<i8>(x, 0, n, table, shift, places, weights, pieces, groups, out);
}

/** After weighWindowNegatives over the same x, u32 [rows * width]: classes as in rows.ts. */
export function reweighRowsWindow(
  x: usize, classes: usize, rows: usize, width: usize, table: usize, shift: u32, places: usize, weights: usize,
  pieces: u32, out: usize,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const label = load<i32>(classes + (row << 2));
    if (label >= 0) {
      const i = row * width + label;
      const bits = load<u32>(x + (i << 2)) ^ CUT;
      store<u32>(out + (i << 2), weightOfZ(bits, table, shift, places, weights, pieces));
    } else if (label == IGNORED_ROW) {
      memory.fill(out + ((row * width) << 2), 0, width << 2);
    }
  }
}
