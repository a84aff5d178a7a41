/**
 * Sum of a stream of bytes that comes in pieces: of its little-endian 32-bit words, word i times 2i + 1, modulo 2^32. It does
 * not depend on how the stream is cut; another word in place of one, or two words exchanged, give another sum.
 *   x      n bytes, any alignment
 *   word   number of the word that the first byte lies in
 *   skip   its place in that word, 0..3
 */
export function byteSum(x: usize, n: usize, word: u32, skip: u32): u32 {
  const end = x + n;
  let sum: u32 = 0;
  let weight: u32 = 2 * word + 1;
  if (skip > 0) {
    for (; skip < 4 && x < end; skip++, x++) sum += (<u32>load<u8>(x) << (skip << 3)) * weight;
    weight += 2;
  }
  const words = <u32>((end - x) >> 2);
  const rounds = words >> 4;
  let w0 = i32x4(weight, weight + 2, weight + 4, weight + 6);
  let w1 = i32x4.add(w0, i32x4.splat(8));
  let w2 = i32x4.add(w0, i32x4.splat(16));
  let w3 = i32x4.add(w0, i32x4.splat(24));
  const step = i32x4.splat(32);
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  for (let round: u32 = 0; round < rounds; round++, x += 64) {
    a = i32x4.add(a, i32x4.mul(v128.load(x), w0));
    b = i32x4.add(b, i32x4.mul(v128.load(x, 16), w1));
    c = i32x4.add(c, i32x4.mul(v128.load(x, 32), w2));
    d = i32x4.add(d, i32x4.mul(v128.load(x, 48), w3));
    w0 = i32x4.add(w0, step);
    w1 = i32x4.add(w1, step);
    w2 = i32x4.add(w2, step);
    w3 = i32x4.add(w3, step);
  }
  const all = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  sum += i32x4.extract_lane(all, 0) + i32x4.extract_lane(all, 1) + i32x4.extract_lane(all, 2) + i32x4.extract_lane(all, 3);
  weight += rounds << 5;
  for (; x + 4 <= end; x += 4, weight += 2) sum += load<u32>(x) * weight;
  for (let place: u32 = 0; x < end; place++, x++) sum += (<u32>load<u8>(x) << (place << 3)) * weight;
  return sum;
}
