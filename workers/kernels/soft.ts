import { expOfNegative, logOfOnePlus } from './exponential';
import { pieceAfter } from './tables';

// Soft targets t in [0, 1]: g = |sigmoid(x) - t| is no function of one number, nor is the loss. Both are computed, g is
// counted, and the loss is added up in whole units, so that the order of additions does not matter.

@inline
function targets<T>(from: usize, n: usize, ignoreLabel: f64, to: usize, codes: usize): i32 {
  let bad: i32 = -1;
  for (let i: i32 = <i32>n - 1; i >= 0; i--) {
    const label = load<T>(from + <usize>i * sizeof<T>());
    const ignored = <f64>label == ignoreLabel;
    if (!ignored && !(label >= <T>0 && label <= <T>1)) bad = i;
    store<u8>(codes + i, ignored ? 2 : 0);
    store<f32>(to + (<usize>i << 2), ignored ? 0 : <f32>label);
  }
  return bad;
}

/**
 * One soft target a sample: f32 [n] targets, rounded from float64, and u8 [n] codes, 0 or 2 where the label is the
 * ignored one. Returns the number of the first that is neither in [0, 1] nor ignored, or -1. `dtype` as in labels.ts:
 * 9 float32, 10 float64, else an integer of which only 0 and 1 are targets. `to` and `from` must not overlap.
 */
export function softTargets(dtype: i32, from: usize, n: usize, ignoreLabel: f64, to: usize, codes: usize): i32 {
  switch (dtype) {
    case 0:
      return targets<u8>(from, n, ignoreLabel, to, codes);
    case 1:
      return targets<i8>(from, n, ignoreLabel, to, codes);
    case 2:
      return targets<i16>(from, n, ignoreLabel, to, codes);
    case 3:
      return targets<u16>(from, n, ignoreLabel, to, codes);
    case 4:
      return targets<i32>(from, n, ignoreLabel, to, codes);
    case 5:
      return targets<u32>(from, n, ignoreLabel, to, codes);
    case 6:
      return targets<i64>(from, n, ignoreLabel, to, codes);
    case 7:
      return targets<u64>(from, n, ignoreLabel, to, codes);
    case 9:
      return targets<f32>(from, n, ignoreLabel, to, codes);
    default:
      return targets<f64>(from, n, ignoreLabel, to, codes);
  }
}

/**
 * g and the cross-entropy of four samples.
 *   x     f32 [n] logits; becomes g = |sigmoid(x) - t|, within 2^-22
 *   t     f32 [n] targets in [0, 1]
 *   loss  f32 [n]: |x| (1 - t or t) + ln(1 + e^-|x|), which is -t log p - (1 - t) log(1 - p), within 2^-20 relatively
 * x, t and loss have room for a multiple of 4; what is behind n is computed too and means nothing. NaN stays NaN.
 */
export function softNorms(x: usize, t: usize, n: usize, loss: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < n << 2; at += 16) {
    const logit = v128.load(x + at);
    const target = v128.load(t + at);
    const size = f32x4.abs(logit);
    const e = expOfNegative(f32x4.neg(size));
    // sigmoid of |x| and of -|x|: neither loses digits where the other is near 1
    const large = f32x4.div(one, f32x4.add(one, e));
    const small = f32x4.mul(e, large);
    const isPositive = f32x4.gt(logit, zero);
    const p = v128.bitselect(large, small, isPositive);
    const q = v128.bitselect(small, large, isPositive);
    const opposite = f32x4.sub(one, target);
    const isHigh = f32x4.gt(target, f32x4.splat(0.5));
    const g = f32x4.abs(f32x4.sub(v128.bitselect(q, p, isHigh), v128.bitselect(opposite, target, isHigh)));
    const share = v128.bitselect(opposite, target, isPositive);
    // an infinite logit on the right side costs nothing
    const wrong = v128.andnot(f32x4.mul(size, share), f32x4.eq(share, zero));
    v128.store(loss + at, f32x4.add(wrong, logOfOnePlus(e)));
    v128.store(x + at, g);
  }
}

/** Words of an entry of the sums: low and high word of the loss, and of t times the loss. */
@inline const ENTRY: usize = 32;
/** Cells of numbers up to 1. */
@inline const CELLS: usize = 0x3f81;
/** Losses from here on are infinite: they would not fit. */
@inline const MOST: f64 = 2147483648;

@inline
function addUnits(entry: usize, value: f64): void {
  const units = <u64>nearest<f64>(value * 4294967296);
  store<u64>(entry, load<u64>(entry) + (units & 0xffff_ffff));
  store<u64>(entry, load<u64>(entry, 8) + (units >>> 32), 8);
}

/**
 * Adds up the losses of n samples by the piece of their g, in units of 2^-32: whole numbers, so that any order of
 * additions gives the same sum. The low and the high 32 bits of each are added up apart, and cannot overflow.
 *   g, t, loss  f32 [n], as softNorms leaves them
 *   codes       u8 [n]: 0 is counted, 2 ignored; NaN is left out
 *   first, thresholds: the partition, see tables.ts
 *   sums        u64 [CELLS + count][4]: by cell, and by the piece that begins at a threshold
 *   infinite    u64 [2], of which the low word counts the samples whose loss is 2^31 or more
 */
export function sumSoftLosses(
  g: usize, t: usize, loss: usize, codes: usize, n: usize, first: usize, thresholds: usize, sums: usize, infinite: usize,
): void {
  for (let i: usize = 0; i < n; i++) {
    const bits = load<u32>(g + (i << 2));
    const value = <f64>load<f32>(loss + (i << 2));
    if (load<u8>(codes + i) != 0 || bits > 0x3f80_0000) continue;
    if (!(value < MOST)) {
      store<u64>(infinite, load<u64>(infinite) + 1);
      continue;
    }
    const p = pieceAfter(bits, first, thresholds);
    const cell = <usize>(bits >>> 16);
    const entry = p > load<u32>(first + (cell << 2)) ? CELLS + p - 1 : cell;
    addUnits(sums + entry * ENTRY, value);
    addUnits(sums + entry * ENTRY + 16, value * <f64>load<f32>(t + (i << 2)));
  }
}

/**
 * Adds u64 [n][2] low and high words of a finished shard to u64 [n][2] totals and clears them. What the low words of a
 * total have above 32 bits is carried into the high ones.
 */
export function commitSums(from: usize, to: usize, n: usize): void {
  for (let at: usize = 0; at < n << 4; at += 16) {
    const low = load<u64>(to + at) + load<u64>(from + at);
    store<u64>(to + at, low & 0xffff_ffff);
    store<u64>(to + at, load<u64>(to + at, 8) + load<u64>(from + at, 8) + (low >>> 32), 8);
    store<u64>(from + at, 0);
    store<u64>(from + at, 0, 8);
  }
}
