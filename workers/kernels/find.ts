// The hardest samples: those whose z is at or above a number.
//   x      f32 [n] logits, or what else is counted
//   codes  u8 [n]: 0 negative (z = x), 1 positive (z = -x), 2 ignored
//   to     u32 [n] numbers of the samples found, ascending

@inline
function zOf(x: usize, codes: usize, i: usize): f32 {
  const value = load<f32>(x + (i << 2));
  return load<u8>(codes + i) == 1 ? -value : value;
}

/** One by one: what is in a group that holds a hit. */
@inline
function findEach(x: usize, codes: usize, from: usize, end: usize, least: f32, to: usize): usize {
  for (let i = from; i < end; i++) {
    if (load<u8>(codes + i) != 2 && zOf(x, codes, i) >= least) {
      store<u32>(to, <u32>i);
      to += 4;
    }
  }
  return to;
}

/** Whether z of four samples is at or above the limit; `codes` i32. */
@inline
function hits(x: usize, codes: v128, limit: v128): v128 {
  return f32x4.ge(v128.xor(v128.load(x), i32x4.shl(codes, 31)), limit);
}

/** Samples that are not ignored and have z >= least, which NaN has not. Returns how many; x is 4-byte aligned. */
export function findAtOrAbove(x: usize, codes: usize, n: usize, least: f32, to: usize): u32 {
  const limit = f32x4.splat(least);
  const start = to;
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    const code = v128.load(codes + i);
    const low = i16x8.extend_low_i8x16_u(code);
    const high = i16x8.extend_high_i8x16_u(code);
    const at = x + (i << 2);
    const any = v128.or(
      v128.or(
        hits(at, i32x4.extend_low_i16x8_u(low), limit),
        hits(at + 16, i32x4.extend_high_i16x8_u(low), limit),
      ),
      v128.or(
        hits(at + 32, i32x4.extend_low_i16x8_u(high), limit),
        hits(at + 48, i32x4.extend_high_i16x8_u(high), limit),
      ),
    );
    // most groups hold none
    if (v128.any_true(any)) to = findEach(x, codes, i, i + 16, least, to);
  }
  to = findEach(x, codes, whole, n, least, to);
  return <u32>((to - start) >> 2);
}
