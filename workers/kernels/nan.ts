/** 1 where one of n float32 is NaN, else 0. */
export function hasNaNFloat32(x: usize, n: usize): u32 {
  let any = i32x4.splat(0);
  const whole = x + ((n & ~3) << 2);
  for (; x < whole; x += 16) {
    const v = v128.load(x);
    any = v128.or(any, f32x4.ne(v, v));
  }
  let found = v128.any_true(any);
  for (let i: usize = 0; i < (n & 3); i++) {
    const value = load<f32>(x + (i << 2));
    if (value != value) found = true;
  }
  return <u32>found;
}

/** 1 where one of n float16 is NaN, else 0. */
export function hasNaNFloat16(x: usize, n: usize): u32 {
  let any = i16x8.splat(0);
  const whole = x + ((n & ~7) << 1);
  for (; x < whole; x += 16) {
    any = v128.or(any, i16x8.gt_s(v128.and(v128.load(x), i16x8.splat(0x7fff)), i16x8.splat(0x7c00)));
  }
  let found = v128.any_true(any);
  for (let i: usize = 0; i < (n & 7); i++) {
    if ((load<u16>(x + (i << 1)) & 0x7fff) > 0x7c00) found = true;
  }
  return <u32>found;
}
