import { BLOCK, CUT, IGNORED, areNegative, cellEntry, codeAt, pieceAfter } from './tables';

// Look up the weight of n samples.
//   x, codes, n, first, thresholds, groups: as for counting
//   beta, betaSplits: see tables.ts
//   out     u32 [n]: bits of the weights; must not overlap x
// Groups with a sample in a cut cell are listed by their number in the block and looked up again, piece by piece.

/** Bits of the weight of one sample, cut cell or not. */
@inline
export function weightOf<T>(x: usize, code: u32, beta: usize, betaSplits: usize, first: usize, thresholds: usize, count: u32): u32 {
  const entry = load<u32>(cellEntry<T>(beta, code, x));
  if (sizeof<T>() == 2 || code >= IGNORED || !(entry & CUT)) return entry;
  const bits = load<u32>(x);
  const p = pieceAfter(bits, first, thresholds);
  if (p == load<u32>(first + (<usize>(bits >>> 16) << 2))) return entry & ~CUT;
  return load<u32>(betaSplits + (<usize>(code * count + p - 1) << 2));
}

/** Weighs four samples; their address joins the list where one of their cells is cut. */
@inline
function weighFour<T, L>(at: usize, code: usize, beta: usize, to: usize, group: usize): usize {
  let weights = v128.load32_zero(cellEntry<T>(beta, codeAt<L>(code, 0), at));
  weights = v128.load_lane<u32>(cellEntry<T>(beta, codeAt<L>(code, 1), at + sizeof<T>()), weights, 1);
  weights = v128.load_lane<u32>(cellEntry<T>(beta, codeAt<L>(code, 2), at + 2 * sizeof<T>()), weights, 2);
  weights = v128.load_lane<u32>(cellEntry<T>(beta, codeAt<L>(code, 3), at + 3 * sizeof<T>()), weights, 3);
  v128.store(to, weights);
  if (sizeof<T>() == 2 || !i32x4.bitmask(weights)) return group;
  store<usize>(group, at);
  return group + 4;
}

/** Sixteen samples that are all negative, written out as in counting. */
@inline
function weighNegatives<T>(at: usize, beta: usize, to: usize, group: usize): usize {
  group = weighFour<T, i8>(at, 0, beta, to, group);
  group = weighFour<T, i8>(at + 4 * sizeof<T>(), 0, beta, to + 16, group);
  group = weighFour<T, i8>(at + 8 * sizeof<T>(), 0, beta, to + 32, group);
  return weighFour<T, i8>(at + 12 * sizeof<T>(), 0, beta, to + 48, group);
}

/** T: u32 for float32, u16 for float16. L: u8 where there are codes, i8 where every sample is negative. */
@inline
function weigh<T, L>(
  x: usize,
  codes: usize,
  n: usize,
  beta: usize,
  betaSplits: usize,
  first: usize,
  thresholds: usize,
  count: u32,
  groups: usize,
  out: usize,
): void {
  let done: usize = 0;
  while (done < n) {
    const stop = min(done + BLOCK, n);
    const start = x + done * sizeof<T>();
    let at = start;
    let code = codes + done;
    let to = out + (done << 2);
    let group = groups;
    // sixteen at a time while all are negative, as in counting
    const end = start + ((stop - done) & ~3) * sizeof<T>();
    const wide = start + ((stop - done) & ~15) * sizeof<T>();
    while (at < wide) {
      if (isSigned<L>() || areNegative(code)) {
        group = weighNegatives<T>(at, beta, to, group);
        at += 16 * sizeof<T>();
        to += 64;
      } else {
        for (let four: usize = 0; four < 16; four += 4) {
          group = weighFour<T, L>(at, code + four, beta, to, group);
          at += 4 * sizeof<T>();
          to += 16;
        }
      }
      if (!isSigned<L>()) code += 16;
    }
    while (at < end) {
      group = weighFour<T, L>(at, code, beta, to, group);
      at += 4 * sizeof<T>();
      to += 16;
      if (!isSigned<L>()) code += 4;
    }
    for (let i = (stop - done) & ~3; i < stop - done; i++) {
      const weight = weightOf<T>(start + i * sizeof<T>(), codeAt<L>(codes + done, i), beta, betaSplits, first, thresholds, count);
      store<u32>(out + ((done + i) << 2), weight);
    }
    for (let g = groups; g < group; g += 4) {
      const sample = load<usize>(g);
      const i = done + ((sample - start) >> 2);
      for (let k: usize = 0; k < 4; k++) {
        const weight = weightOf<T>(sample + (k << 2), codeAt<L>(codes + i, k), beta, betaSplits, first, thresholds, count);
        store<u32>(out + ((i + k) << 2), weight);
      }
    }
    done = stop;
  }
}

/** Labelled float32 samples. `out` must not overlap x. */
export function weighFloat32(
  x: usize, codes: usize, n: usize, beta: usize, betaSplits: usize, first: usize, thresholds: usize, count: u32, groups: usize, out: usize,
): void {
  weigh<u32, u8>(x, codes, n, beta, betaSplits, first, thresholds, count, groups, out);
}

/** float32 samples that are all negative. */
export function weighFloat32Negatives(
  x: usize, n: usize, beta: usize, betaSplits: usize, first: usize, thresholds: usize, count: u32, groups: usize, out: usize,
): void {
  weigh<u32, i8>(x, 0, n, beta, betaSplits, first, thresholds, count, groups, out);
}

/** Labelled float16 samples. */
export function weighFloat16(x: usize, codes: usize, n: usize, beta: usize, out: usize): void {
  weigh<u16, u8>(x, codes, n, beta, 0, 0, 0, 0, 0, out);
}

/** float16 samples that are all negative. */
export function weighFloat16Negatives(x: usize, n: usize, beta: usize, out: usize): void {
  weigh<u16, i8>(x, 0, n, beta, 0, 0, 0, 0, 0, out);
}
