/**
 * Bits that any of n words has set among its lower 16. Numbers that were float16 once have none of the lowest 13, those
 * that were bfloat16 none at all: they lie at few places of their cells.
 */
export function lowBits(x: usize, n: usize): u32 {
  let seen = i32x4.splat(0);
  const whole = x + ((n & ~3) << 2);
  for (; x < whole; x += 16) seen = v128.or(seen, v128.load(x));
  let bits = i32x4.extract_lane(seen, 0) | i32x4.extract_lane(seen, 1) | i32x4.extract_lane(seen, 2) | i32x4.extract_lane(seen, 3);
  for (let i: usize = 0; i < (n & 3); i++) bits |= load<u32>(x + (i << 2));
  return bits & 0xffff;
}
