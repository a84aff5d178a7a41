// Bring elements of a file into the form the other kernels read. n elements, any n; `from` may equal `to` where the
// element size does not grow.

/** Reverses the bytes of u16 [n] in place. */
export function swapBytes16(at: usize, n: usize): void {
  const end = at + (n << 1);
  for (; at < end; at += 2) store<u16>(at, bswap<u16>(load<u16>(at)));
}

/** Reverses the bytes of u32 [n] in place. */
export function swapBytes32(at: usize, n: usize): void {
  const end = at + (n << 2);
  for (; at < end; at += 4) store<u32>(at, bswap<u32>(load<u32>(at)));
}

/** Reverses the bytes of u64 [n] in place. */
export function swapBytes64(at: usize, n: usize): void {
  const end = at + (n << 3);
  for (; at < end; at += 8) store<u64>(at, bswap<u64>(load<u64>(at)));
}

/** Rounds float64 [n] to float32 [n], to nearest, ties to even; NaN stays NaN. */
export function demoteFloat64(from: usize, n: usize, to: usize): void {
  for (let i: usize = 0; i < n; i++) store<f32>(to + (i << 2), <f32>load<f64>(from + (i << 3)));
}

/** Widens float16 [n] to float32 [n], exactly; NaN becomes the one NaN 0x7fc00000. */
export function widenFloat16(from: usize, n: usize, to: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const half = <u32>load<u16>(from + (i << 1));
    const magnitude = half & 0x7fff;
    // exponent and fraction moved into place; the product mends the exponent's bias, subnormals included
    let bits = reinterpret<u32>(reinterpret<f32>(magnitude << 13) * reinterpret<f32>(0x7780_0000));
    if (magnitude >= 0x7c00) bits = magnitude == 0x7c00 ? 0x7f80_0000 : 0x7fc0_0000;
    store<u32>(to + (i << 2), bits | ((half & 0x8000) << 16));
  }
}

/** Widens bfloat16 [n] to float32 [n]: its bits are the upper half, NaN payloads too. `to` must not overlap `from`. */
export function widenBfloat16(from: usize, n: usize, to: usize): void {
  const end = from + ((n & ~7) << 1);
  while (from < end) {
    const eight = v128.load(from);
    v128.store(to, i32x4.shl(i32x4.extend_low_i16x8_u(eight), 16));
    v128.store(to, i32x4.shl(i32x4.extend_high_i16x8_u(eight), 16), 16);
    from += 16;
    to += 32;
  }
  for (let i: usize = 0; i < (n & 7); i++) store<u32>(to + (i << 2), <u32>load<u16>(from + (i << 1)) << 16);
}

/** Keeps the low halves of u32 [n] as u16 [n]: weights whose table held float16 bits. `to` may equal `from`. */
export function narrowToFloat16(from: usize, n: usize, to: usize): void {
  const end = from + ((n & ~7) << 2);
  while (from < end) {
    v128.store(to, i16x8.narrow_i32x4_u(v128.load(from), v128.load(from, 16)));
    from += 32;
    to += 16;
  }
  for (let i: usize = 0; i < (n & 7); i++) store<u16>(to + (i << 1), load<u16>(from + (i << 2)));
}

/** Numbers v - 1, modulo 256, of u32 [n] up to 255 as u8 [n]: region numbers, 255 for 0. `to` may equal `from`. */
export function narrowToCodes(from: usize, n: usize, to: usize): void {
  const end = from + ((n & ~15) << 2);
  const one = i8x16.splat(1);
  while (from < end) {
    const low = i16x8.narrow_i32x4_u(v128.load(from), v128.load(from, 16));
    const high = i16x8.narrow_i32x4_u(v128.load(from, 32), v128.load(from, 48));
    v128.store(to, i8x16.sub(i8x16.narrow_i16x8_u(low, high), one));
    from += 64;
    to += 16;
  }
  for (let i: usize = 0; i < (n & 15); i++) store<u8>(to + i, <u8>(load<u32>(from + (i << 2)) - 1));
}
