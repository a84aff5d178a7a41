// |a - b| of n predictions and targets as float32 [n]: what GHM-R counts. Any alignment; `to` may equal
// `a` or `b` where that is float32. NaN where one is, or where both are the same infinity.

/** float32 of both: the float32 subtraction, rounded once. */
export function distancesOfFloat32(a: usize, b: usize, n: usize, to: usize): void {
  const whole = (n & ~3) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(to + at, f32x4.abs(f32x4.sub(v128.load(a + at), v128.load(b + at))));
  }
  for (let at = whole; at < n << 2; at += 4) store<f32>(to + at, abs<f32>(load<f32>(a + at) - load<f32>(b + at)));
}

@inline
function subtract<A, B>(a: usize, b: usize, n: usize, to: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const distance = abs<f64>(<f64>load<A>(a + i * sizeof<A>()) - <f64>load<B>(b + i * sizeof<B>()));
    store<f32>(to + (i << 2), <f32>distance);
  }
}

/** float64 of one or both: subtracted in float64, then rounded to float32. `aBytes`, `bBytes`: 4 or 8. */
export function distancesOfFloat64(a: usize, aBytes: usize, b: usize, bBytes: usize, n: usize, to: usize): void {
  if (aBytes == 8 && bBytes == 8) subtract<f64, f64>(a, b, n, to);
  else if (aBytes == 8) subtract<f64, f32>(a, b, n, to);
  else subtract<f32, f64>(a, b, n, to);
}
