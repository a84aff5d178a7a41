import { COPY, IGNORED, cellEntry, pieceAfter } from './tables';
import { weightOf } from './weigh';

// Rows of class logits with one class a row: all samples are first taken as negatives, then the rare rows that are not
// background are put right.
//   x        u32 or u16 [rows * width] logits
//   classes  i32 [rows]: -1 background, -2 ignored, else the foreground class
//   width    C

@inline const IGNORED_ROW: i32 = -2;

@inline
function add(entry: usize, amount: u32): void {
  store<u32>(entry, load<u32>(entry) + amount);
}

/** Takes sample i, counted as a negative, out of the negatives and counts it under `code`. */
@inline
function moveSample<T>(x: usize, i: usize, code: u32, cells: usize, splits: usize, first: usize, thresholds: usize, count: u32): void {
  const at = x + i * sizeof<T>();
  const copy = cells + (i & 3) * COPY;
  add(cellEntry<T>(copy, 0, at), -1);
  add(cellEntry<T>(copy, code, at), 1);
  if (sizeof<T>() == 2) return;
  const bits = load<u32>(at);
  const p = pieceAfter(bits, first, thresholds);
  if (p == load<u32>(first + (<usize>(bits >>> 16) << 2))) return;
  add(splits + (<usize>(p - 1) << 2), -1);
  if (code < IGNORED) add(splits + (<usize>(count + p - 1) << 2), 1);
}

@inline
function moveRows<T>(
  x: usize, classes: usize, rows: usize, width: usize, cells: usize, splits: usize, first: usize, thresholds: usize, count: u32,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const label = load<i32>(classes + (row << 2));
    if (label >= 0) {
      moveSample<T>(x, row * width + label, 1, cells, splits, first, thresholds, count);
    } else if (label == IGNORED_ROW) {
      for (let i = row * width; i < (row + 1) * width; i++) {
        moveSample<T>(x, i, IGNORED, cells, splits, first, thresholds, count);
      }
    }
  }
}

/** After countFloat32Negatives over the same x from its first sample. */
export function moveRowsFloat32(
  x: usize, classes: usize, rows: usize, width: usize, cells: usize, splits: usize, first: usize, thresholds: usize, count: u32,
): void {
  moveRows<u32>(x, classes, rows, width, cells, splits, first, thresholds, count);
}

/** After countFloat16Negatives over the same x from its first sample. */
export function moveRowsFloat16(x: usize, classes: usize, rows: usize, width: usize, cells: usize): void {
  moveRows<u16>(x, classes, rows, width, cells, 0, 0, 0, 0);
}

@inline
function reweighRows<T>(
  x: usize, classes: usize, rows: usize, width: usize, beta: usize, betaSplits: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const label = load<i32>(classes + (row << 2));
    if (label >= 0) {
      const i = row * width + label;
      store<u32>(out + (i << 2), weightOf<T>(x + i * sizeof<T>(), 1, beta, betaSplits, first, thresholds, count));
    } else if (label == IGNORED_ROW) {
      memory.fill(out + ((row * width) << 2), 0, width << 2);
    }
  }
}

/** After weighFloat32Negatives over the same x: out is u32 [rows * width]. */
export function reweighRowsFloat32(
  x: usize, classes: usize, rows: usize, width: usize, beta: usize, betaSplits: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  reweighRows<u32>(x, classes, rows, width, beta, betaSplits, first, thresholds, count, out);
}

/** After weighFloat16Negatives over the same x. */
export function reweighRowsFloat16(x: usize, classes: usize, rows: usize, width: usize, beta: usize, out: usize): void {
  reweighRows<u16>(x, classes, rows, width, beta, 0, 0, 0, 0, out);
}
