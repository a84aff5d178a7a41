// Labels and label weights of any dtype become codes (u8: 0 negative, 1 positive, 2 ignored) or classes (i32 a row: -1
// background, -2 ignored, else the foreground class). Functions that read return the number of the first element that
// is not allowed, or -1. `dtype`: 0 bool or uint8, 1 int8, 2 int16, 3 uint16, 4 int32, 5 uint32, 6 int64, 7 uint64,
// 8 float16 (bits, widened by the caller), 9 float32, 10 float64. Little-endian, any alignment.

@inline
function binary<T>(from: usize, n: usize, ignoreLabel: f64, to: usize): i32 {
  let bad: i32 = -1;
  for (let i: i32 = <i32>n - 1; i >= 0; i--) {
    const label = load<T>(from + <usize>i * sizeof<T>());
    const positive = label == <T>1;
    const known = positive || label == <T>0;
    const ignored = <f64>label == ignoreLabel;
    if (!known && !ignored) bad = i;
    store<u8>(to + i, ignored ? 2 : <u8>positive);
  }
  return bad;
}

/**
 * One target a sample. A label equal to `ignoreLabel` is ignored, 1 positive, 0 negative, all else not allowed.
 * `to` may equal `from` for one-byte dtypes and must not overlap it otherwise.
 */
export function binaryCodes(dtype: i32, from: usize, n: usize, ignoreLabel: f64, to: usize): i32 {
  switch (dtype) {
    case 0:
      return binaryBytes(from, n, ignoreLabel, to);
    case 1:
      return binary<i8>(from, n, ignoreLabel, to);
    case 2:
      return binary<i16>(from, n, ignoreLabel, to);
    case 3:
      return binary<u16>(from, n, ignoreLabel, to);
    case 4:
      return binary<i32>(from, n, ignoreLabel, to);
    case 5:
      return binary<u32>(from, n, ignoreLabel, to);
    case 6:
      return binary<i64>(from, n, ignoreLabel, to);
    case 7:
      return binary<u64>(from, n, ignoreLabel, to);
    case 9:
      return binary<f32>(from, n, ignoreLabel, to);
    default:
      return binary<f64>(from, n, ignoreLabel, to);
  }
}

/** uint8 labels that are all 0 or 1 are their own codes: checked 16 at a time, and left in place if to equals from. */
function binaryBytes(from: usize, n: usize, ignoreLabel: f64, to: usize): i32 {
  let any = i32x4.splat(0);
  const whole = n & ~15;
  for (let i: usize = 0; i < whole; i += 16) any = v128.or(any, v128.load(from + i));
  let rest: u8 = 0;
  for (let i = whole; i < n; i++) rest |= load<u8>(from + i);
  const plain = !v128.any_true(v128.andnot(any, i8x16.splat(1))) && rest <= 1;
  if (!plain || ignoreLabel == 0 || ignoreLabel == 1) return binary<u8>(from, n, ignoreLabel, to);
  if (to != from) memory.copy(to, from, n);
  return -1;
}

@inline
function classesOf<T>(from: usize, rows: usize, firstForeground: i64, width: i64, background: i64, ignoreLabel: i64, to: usize): i32 {
  for (let row: usize = 0; row < rows; row++) {
    const label = <i64>load<T>(from + row * sizeof<T>());
    const index = label - firstForeground;
    let result: i32;
    if (sizeof<T>() == 8 && !isSigned<T>() && label < 0) return <i32>row;
    if (label == ignoreLabel) result = -2;
    else if (label == background) result = -1;
    else if (index >= 0 && index < width) result = <i32>index;
    else return <i32>row;
    store<i32>(to + (row << 2), result);
  }
  return -1;
}

/** One class index a row, integer dtypes only; `to` must not overlap `from`. */
export function rowClasses(
  dtype: i32, from: usize, rows: usize, firstForeground: f64, width: f64, background: f64, ignoreLabel: f64, to: usize,
): i32 {
  const base = <i64>firstForeground;
  const wide = <i64>width;
  const empty = <i64>background;
  const skip = <i64>ignoreLabel;
  switch (dtype) {
    case 0:
      return classesOf<u8>(from, rows, base, wide, empty, skip, to);
    case 1:
      return classesOf<i8>(from, rows, base, wide, empty, skip, to);
    case 2:
      return classesOf<i16>(from, rows, base, wide, empty, skip, to);
    case 3:
      return classesOf<u16>(from, rows, base, wide, empty, skip, to);
    case 4:
      return classesOf<i32>(from, rows, base, wide, empty, skip, to);
    case 5:
      return classesOf<u32>(from, rows, base, wide, empty, skip, to);
    case 6:
      return classesOf<i64>(from, rows, base, wide, empty, skip, to);
    default:
      return classesOf<u64>(from, rows, base, wide, empty, skip, to);
  }
}

// A label weight above 0 only says valid; 0 or less leaves the sample out; NaN is not allowed.

@inline
function mask<T>(weights: usize, n: usize, codes: usize, width: usize): i32 {
  let bad: i32 = -1;
  for (let i: i32 = <i32>n - 1; i >= 0; i--) {
    const weight = load<T>(weights + <usize>i * sizeof<T>());
    if (isFloat<T>() && weight != weight) bad = i;
    if (width == 1) {
      store<u8>(codes + i, weight > <T>0 ? load<u8>(codes + i) : 2);
    } else if (!(weight > <T>0)) {
      memory.fill(codes + <usize>i * width, 2, width);
    }
  }
  return bad;
}

/** Sets code 2 where the weight is not positive: one weight for each `width` codes (1, or C for one a row). */
export function applyWeightsToCodes(dtype: i32, weights: usize, n: usize, codes: usize, width: usize): i32 {
  switch (dtype) {
    case 0:
      return mask<u8>(weights, n, codes, width);
    case 1:
      return mask<i8>(weights, n, codes, width);
    case 2:
      return mask<i16>(weights, n, codes, width);
    case 3:
      return mask<u16>(weights, n, codes, width);
    case 4:
      return mask<i32>(weights, n, codes, width);
    case 5:
      return mask<u32>(weights, n, codes, width);
    case 6:
      return mask<i64>(weights, n, codes, width);
    case 7:
      return mask<u64>(weights, n, codes, width);
    case 9:
      return mask<f32>(weights, n, codes, width);
    default:
      return mask<f64>(weights, n, codes, width);
  }
}

/** Sets class -2 where the row's code is 2: codes u8 [rows] made by applyWeightsToCodes from zeros. */
export function applyWeightsToClasses(codes: usize, rows: usize, classes: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    if (load<u8>(codes + row) == 2) store<i32>(classes + (row << 2), -2);
  }
}

/** Classes i32 [rows] to codes u8 [rows * width], one-hot; for label weights of one a sample. */
export function classCodes(classes: usize, rows: usize, width: usize, codes: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    const label = load<i32>(classes + (row << 2));
    memory.fill(codes + row * width, label == -2 ? 2 : 0, width);
    if (label >= 0) store<u8>(codes + row * width + label, 1);
  }
}
