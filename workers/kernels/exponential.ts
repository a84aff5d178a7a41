// e^x and ln(1 + e) in float32, ln in float64, from additions, multiplications and divisions alone: the same bits on
// every machine. The twins do the same steps.

/** ln 2 in two parts; the first has so few bits that its product with a whole number up to 126 is exact. */
@inline const LN2_HIGH: f32 = 0.693359375;
@inline const LN2_LOW: f32 = -2.12194440e-4;
@inline const LOG2_E: f32 = 1.44269504;
/** 1.5 * 2^23 */
@inline const SHIFT: f32 = 12582912;
/** Below this e^x is taken for 0; it is 1.6e-38, the least that is not subnormal. */
@inline const LEAST: f32 = -87;

/**
 * e^x for x <= 0, lane by lane, within 2^-22 of it relatively above e^-87, and 0 below; NaN stays NaN. x = n ln 2 + r
 * with |r| <= ln 2 / 2, where the series of e^r is within 2^-27 after eight terms.
 */
@inline
export function expOfNegative(x: v128): v128 {
  const above = f32x4.max(x, f32x4.splat(LEAST));
  // added to a number whose last place is 1, n is rounded to a whole number and stands in the low bits
  const shifted = f32x4.add(f32x4.mul(above, f32x4.splat(LOG2_E)), f32x4.splat(SHIFT));
  const n = f32x4.sub(shifted, f32x4.splat(SHIFT));
  const r = f32x4.sub(f32x4.sub(above, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let p = f32x4.splat(<f32>(1.0 / 5040));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(<f32>(1.0 / 720)));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(<f32>(1.0 / 120)));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(<f32>(1.0 / 24)));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(<f32>(1.0 / 6)));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  // the exponent 127 + n, moved to its place
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, f32x4.splat(LEAST)));
}

/** ln(1 + e) for 0 <= e <= 1, lane by lane, within 2^-21 relatively: 2 atanh(s), s = e / (2 + e) <= 1/3, by its series. */
@inline
export function logOfOnePlus(e: v128): v128 {
  const s = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  const square = f32x4.mul(s, s);
  let p = f32x4.splat(<f32>(1.0 / 13));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(<f32>(1.0 / 11)));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(<f32>(1.0 / 9)));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(<f32>(1.0 / 7)));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(<f32>(1.0 / 5)));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(<f32>(1.0 / 3)));
  p = f32x4.add(f32x4.mul(p, square), f32x4.splat(1));
  return f32x4.mul(f32x4.add(s, s), p);
}

/** ln of a normal float64 of at least 1, within 2^-40: x = 2^k m with m in [0.75, 1.5), and the series of 2 atanh. */
@inline
export function logOfDouble(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let k = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
  if (m >= 1.5) {
    m *= 0.5;
    k++;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let p: f64 = 1.0 / 19;
  for (let odd = 17; odd >= 1; odd -= 2) p = p * square + 1.0 / <f64>odd;
  return <f64>k * 0.6931471805599453 + 2 * s * p;
}
