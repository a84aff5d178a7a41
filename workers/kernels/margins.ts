import { expOfNegative, logOfDouble } from './exponential';

// Softmax rows: z = ln(sum over k != y of e^x_k) - x_y, so that sigmoid(z) = 1 - p_y.

/** All bits of the first `lanes` lanes, 1 to 3. */
@inline
function firstLanes(lanes: usize): v128 {
  const numbers = i32x4(0, 1, 2, 3);
  return i32x4.lt_s(numbers, i32x4.splat(<i32>lanes));
}

/**
 * The margin of each row's class.
 *   x        f32 [rows * width] logits, width >= 2, any alignment; up to 12 bytes behind them are read, never used
 *   classes  i32 [rows]: the class y, or below 0 where the row is ignored
 *   to       f32 [rows]: z, within 2^-22 + 2^-24 |z|; 0 where the row is ignored. NaN where a logit is, and where
 *            infinities leave the softmax undefined: x_y and another are both +Infinity, or all are -Infinity
 *   codes    u8 [rows]: 0, or 2 where the row is ignored
 * e^(x_k - m), m the largest of the others, is summed in float64, so that the error does not grow with the width.
 */
export function softmaxMargins(x: usize, classes: usize, rows: usize, width: usize, to: usize, codes: usize): void {
  const nothing = f32x4.splat(-Infinity);
  const whole = (width & ~3) << 2;
  const mask = firstLanes(width & 3);
  for (let row: usize = 0; row < rows; row++, x += width << 2) {
    const label = load<i32>(classes + (row << 2));
    store<u8>(codes + row, label < 0 ? 2 : 0);
    if (label < 0) {
      store<f32>(to + (row << 2), 0);
      continue;
    }
    // the class's own logit is out of the way while the others are summed
    const own = x + (<usize>label << 2);
    const logit = load<f32>(own);
    store<f32>(own, -Infinity);

    let most = nothing;
    for (let at: usize = 0; at < whole; at += 16) most = f32x4.max(most, v128.load(x + at));
    const rest = v128.bitselect(v128.load(x + whole), nothing, mask);
    most = f32x4.max(most, rest);
    const largest = max<f32>(
      max<f32>(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max<f32>(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );

    let z: f64;
    if (largest == Infinity || largest == -Infinity) {
      z = <f64>largest - <f64>logit;
    } else {
      const m = f32x4.splat(largest);
      let low = f64x2.splat(0);
      let high = low;
      for (let at: usize = 0; at < whole; at += 16) {
        const e = expOfNegative(f32x4.sub(v128.load(x + at), m));
        low = f64x2.add(low, f64x2.promote_low_f32x4(e));
        high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(e, e, 1, 1)));
      }
      const e = expOfNegative(f32x4.sub(rest, m));
      low = f64x2.add(low, f64x2.promote_low_f32x4(e));
      high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(e, e, 1, 1)));
      const sum = f64x2.add(low, high);
      z = <f64>largest - <f64>logit + logOfDouble(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
    }
    store<f32>(own, logit);
    store<f32>(to + (row << 2), <f32>z);
  }
}
