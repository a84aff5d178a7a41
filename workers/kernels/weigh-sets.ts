import { areNegative, codeAt } from './tables';
import { SCATTERED, SLOT, endOfRun, markedSlot, pieceSlot } from './sets';

// Look up the weight of samples by set and region.
//   x, codes, rows, width, rowSets, slots, entries: as for counting sets
//   betas    u32 [sets][slots], see sets.ts
//   out      u32 [rows * width]: bits of the weights; must not overlap x

@inline
function slotAt<T, L>(x: usize, codes: usize, i: usize, entries: usize): u32 {
  return markedSlot<T>(entries, codeAt<L>(codes, i), x + i * sizeof<T>());
}

@inline
function unmarked<T, L>(slot: u32, x: usize, codes: usize, i: usize, entries: usize, first: usize, thresholds: usize, count: u32): u32 {
  return pieceSlot<T>(slot, entries, codeAt<L>(codes, i), x + i * sizeof<T>(), first, thresholds, count);
}

/** Weighs four samples, each with the weights of its set. */
@inline
function weighFour<T, L>(
  x: usize, codes: usize, betaA: usize, betaB: usize, betaC: usize, betaD: usize, entries: usize, first: usize, thresholds: usize, count: u32, to: usize,
): void {
  let a = slotAt<T, L>(x, codes, 0, entries);
  let b = slotAt<T, L>(x, codes, 1, entries);
  let c = slotAt<T, L>(x, codes, 2, entries);
  let d = slotAt<T, L>(x, codes, 3, entries);
  if (sizeof<T>() == 4 && <i32>(a | b | c | d) < 0) {
    a = unmarked<T, L>(a, x, codes, 0, entries, first, thresholds, count);
    b = unmarked<T, L>(b, x, codes, 1, entries, first, thresholds, count);
    c = unmarked<T, L>(c, x, codes, 2, entries, first, thresholds, count);
    d = unmarked<T, L>(d, x, codes, 3, entries, first, thresholds, count);
  }
  let weights = v128.load32_zero(betaA + ((a & SLOT) << 2));
  weights = v128.load_lane<u32>(betaB + ((b & SLOT) << 2), weights, 1);
  weights = v128.load_lane<u32>(betaC + ((c & SLOT) << 2), weights, 2);
  weights = v128.load_lane<u32>(betaD + ((d & SLOT) << 2), weights, 3);
  v128.store(to, weights);
}

/** Weighs samples of one set, or of sets side by side. */
@inline
function weighRun<T, L>(
  x: usize, codes: usize, n: usize, beta: usize, nextSet: usize, entries: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  let i: usize = 0;
  for (const wide = n & ~15; i < wide; i += 16) {
    // most are negative: no label is looked up then
    const plain = isSigned<L>() || areNegative(codes + i);
    for (let four: usize = 0; four < 16; four += 4) {
      const k = i + four;
      const at = x + k * sizeof<T>();
      const a = beta + k * nextSet;
      const b = a + nextSet;
      const c = b + nextSet;
      const d = c + nextSet;
      if (plain) weighFour<T, i8>(at, 0, a, b, c, d, entries, first, thresholds, count, out + (k << 2));
      else weighFour<T, L>(at, codes + k, a, b, c, d, entries, first, thresholds, count, out + (k << 2));
    }
  }
  for (; i < n; i++) {
    const slot = unmarked<T, L>(slotAt<T, L>(x, codes, i, entries), x, codes, i, entries, first, thresholds, count);
    store<u32>(out + (i << 2), load<u32>(beta + i * nextSet + ((slot & SLOT) << 2)));
  }
}

/** Weighs rows of one sample, a multiple of four, whose sets come in no order. */
@inline
function weighScattered<T, L>(
  x: usize, codes: usize, rows: usize, rowSets: usize, betas: usize, setBytes: usize, entries: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  for (let i: usize = 0; i < rows; i += 4) {
    const sets = rowSets + (i << 2);
    weighFour<T, L>(
      x + i * sizeof<T>(), codes + i,
      betas + <usize>load<u32>(sets) * setBytes, betas + <usize>load<u32>(sets, 4) * setBytes,
      betas + <usize>load<u32>(sets, 8) * setBytes, betas + <usize>load<u32>(sets, 12) * setBytes,
      entries, first, thresholds, count, out + (i << 2),
    );
  }
}

@inline
function weighSets<T, L>(
  x: usize, codes: usize, rows: usize, width: usize, rowSets: usize, betas: usize, slots: usize, entries: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  const setBytes = slots << 2;
  for (let row: usize = 0; row < rows; ) {
    const end = rowSets ? endOfRun(rowSets, row, rows) : row + 1;
    if (rowSets && width == 1 && end == row + 1 && rows - row >= 4) {
      const n = min((rows - row) & ~3, SCATTERED);
      weighScattered<T, L>(
        x + row * sizeof<T>(), codes + row, n, rowSets + (row << 2), betas, setBytes, entries, first, thresholds, count, out + (row << 2),
      );
      row += n;
      continue;
    }
    const beta = rowSets ? betas + <usize>load<u32>(rowSets + (row << 2)) * setBytes : betas;
    const i = row * width;
    weighRun<T, L>(
      x + i * sizeof<T>(), codes + i, (end - row) * width, beta, rowSets ? <usize>0 : setBytes, entries, first, thresholds, count, out + (i << 2),
    );
    row = end;
  }
}

/** float32 logits; codes 0: all are negative. */
export function weighSetsFloat32(
  x: usize, codes: usize, rows: usize, width: usize, rowSets: usize, betas: usize, slots: usize, entries: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  if (codes) weighSets<u32, u8>(x, codes, rows, width, rowSets, betas, slots, entries, first, thresholds, count, out);
  else weighSets<u32, i8>(x, 0, rows, width, rowSets, betas, slots, entries, first, thresholds, count, out);
}

/** float16 logits. */
export function weighSetsFloat16(
  x: usize, codes: usize, rows: usize, width: usize, rowSets: usize, betas: usize, slots: usize, entries: usize, out: usize,
): void {
  if (codes) weighSets<u16, u8>(x, codes, rows, width, rowSets, betas, slots, entries, 0, 0, 0, out);
  else weighSets<u16, i8>(x, 0, rows, width, rowSets, betas, slots, entries, 0, 0, 0, out);
}

@inline
function reweighRowSets<T>(
  x: usize, classes: usize, rows: usize, width: usize, rowSets: usize, betas: usize, slots: usize, entries: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  const setBytes = slots << 2;
  for (let row: usize = 0; row < rows; row++) {
    const label = load<i32>(classes + (row << 2));
    const start = row * width;
    if (label >= 0) {
      const set = rowSets ? load<u32>(rowSets + (row << 2)) : <u32>label;
      const at = x + (start + label) * sizeof<T>();
      const slot = pieceSlot<T>(markedSlot<T>(entries, 1, at), entries, 1, at, first, thresholds, count);
      store<u32>(out + ((start + label) << 2), load<u32>(betas + <usize>set * setBytes + ((slot & SLOT) << 2)));
    } else if (label == -2) {
      memory.fill(out + (start << 2), 0, width << 2);
    }
  }
}

/** After weighSetsFloat32 with codes 0 over the same rows. classes: i32 [rows], -1 background, -2 ignored. */
export function reweighRowSetsFloat32(
  x: usize, classes: usize, rows: usize, width: usize, rowSets: usize, betas: usize, slots: usize, entries: usize, first: usize, thresholds: usize, count: u32, out: usize,
): void {
  reweighRowSets<u32>(x, classes, rows, width, rowSets, betas, slots, entries, first, thresholds, count, out);
}

/** After weighSetsFloat16 with codes 0 over the same rows. */
export function reweighRowSetsFloat16(
  x: usize, classes: usize, rows: usize, width: usize, rowSets: usize, betas: usize, slots: usize, entries: usize, out: usize,
): void {
  reweighRowSets<u16>(x, classes, rows, width, rowSets, betas, slots, entries, 0, 0, 0, out);
}
