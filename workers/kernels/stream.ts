/** Sum of the words of [from, from + bytes), modulo 2^32; bytes a multiple of 64. The least that reading costs. */
export function streamSum(from: usize, bytes: usize): u32 {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = from + bytes;
  for (; from < end; from += 64) {
    a = i32x4.add(a, v128.load(from));
    b = i32x4.add(b, v128.load(from, 16));
    c = i32x4.add(c, v128.load(from, 32));
    d = i32x4.add(d, v128.load(from, 48));
  }
  const sum = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
}
