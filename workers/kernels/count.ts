import { BLOCK, COPY, IGNORED, areNegative, cellEntry, codeAt, pieceAfter } from './tables';

// Count n samples into the scratch tables.
//   x       u32 [n] bits of float32 logits, or u16 [n] of float16; 4-byte aligned, any tail
//   codes   u8 [n]: 0 negative, 1 positive, 2 ignored
//   cells, splits, first, thresholds, count: see tables.ts; `count` thresholds in all
//   groups  u32 [BLOCK / 4]: room for the list of groups of four samples of which one lies in a cut cell
// A cut cell's samples are few: the hot loop only appends their group's address, and the block's list is split exactly
// afterwards.

@inline
function increment(entry: usize): u32 {
  const before = load<u32>(entry);
  store<u32>(entry, before + 1);
  return before;
}

@inline
function splitSample(x: usize, code: u32, splits: usize, first: usize, thresholds: usize, count: u32): void {
  if (code >= IGNORED) return;
  const bits = load<u32>(x);
  const p = pieceAfter(bits, first, thresholds);
  if (p > load<u32>(first + (<usize>(bits >>> 16) << 2))) {
    increment(splits + (<usize>(code * count + p - 1) << 2));
  }
}

/** Counts four samples, each in a copy of its own; their address joins the list where one of their cells is cut. */
@inline
function countFour<T, L>(at: usize, code: usize, cells: usize, group: usize): usize {
  const a = increment(cellEntry<T>(cells, codeAt<L>(code, 0), at));
  const b = increment(cellEntry<T>(cells + COPY, codeAt<L>(code, 1), at + sizeof<T>()));
  const c = increment(cellEntry<T>(cells + 2 * COPY, codeAt<L>(code, 2), at + 2 * sizeof<T>()));
  const d = increment(cellEntry<T>(cells + 3 * COPY, codeAt<L>(code, 3), at + 3 * sizeof<T>()));
  if (sizeof<T>() == 2 || <i32>(a | b | c | d) >= 0) return group;
  store<usize>(group, at);
  return group + 4;
}

/** Sixteen samples that are all negative. Written out: a loop of four is compiled to two a turn, and takes a tenth longer. */
@inline
function countNegatives<T>(at: usize, cells: usize, group: usize): usize {
  group = countFour<T, i8>(at, 0, cells, group);
  group = countFour<T, i8>(at + 4 * sizeof<T>(), 0, cells, group);
  group = countFour<T, i8>(at + 8 * sizeof<T>(), 0, cells, group);
  return countFour<T, i8>(at + 12 * sizeof<T>(), 0, cells, group);
}

/** T: u32 for float32, u16 for float16. L: u8 where there are codes, i8 where every sample is negative. */
@inline
function count<T, L>(
  x: usize,
  codes: usize,
  n: usize,
  cells: usize,
  splits: usize,
  first: usize,
  thresholds: usize,
  thresholdCount: u32,
  groups: usize,
): void {
  let done: usize = 0;
  while (done < n) {
    const stop = min(done + BLOCK, n);
    const start = x + done * sizeof<T>();
    let at = start;
    let code = codes + done;
    let group = groups;
    // sixteen at a time while all are negative, which most are: no label is looked up then
    const end = start + ((stop - done) & ~3) * sizeof<T>();
    const wide = start + ((stop - done) & ~15) * sizeof<T>();
    while (at < wide) {
      if (isSigned<L>() || areNegative(code)) {
        group = countNegatives<T>(at, cells, group);
        at += 16 * sizeof<T>();
      } else {
        for (let four: usize = 0; four < 16; four += 4) {
          group = countFour<T, L>(at, code + four, cells, group);
          at += 4 * sizeof<T>();
        }
      }
      if (!isSigned<L>()) code += 16;
    }
    while (at < end) {
      group = countFour<T, L>(at, code, cells, group);
      at += 4 * sizeof<T>();
      if (!isSigned<L>()) code += 4;
    }
    for (let i = (stop - done) & ~3; i < stop - done; i++) {
      const sample = start + i * sizeof<T>();
      const sampleCode = codeAt<L>(codes + done, i);
      increment(cellEntry<T>(cells + (i & 3) * COPY, sampleCode, sample));
      if (sizeof<T>() == 4) splitSample(sample, sampleCode, splits, first, thresholds, thresholdCount);
    }
    for (let g = groups; g < group; g += 4) {
      const sample = load<usize>(g);
      const sampleCodes = codes + done + ((sample - start) >> 2);
      for (let i: usize = 0; i < 4; i++) {
        splitSample(sample + (i << 2), codeAt<L>(sampleCodes, i), splits, first, thresholds, thresholdCount);
      }
    }
    done = stop;
  }
}

/** Labelled float32 samples. */
export function countFloat32(
  x: usize, codes: usize, n: usize, cells: usize, splits: usize, first: usize, thresholds: usize, count_: u32, groups: usize,
): void {
  count<u32, u8>(x, codes, n, cells, splits, first, thresholds, count_, groups);
}

/** float32 samples that are all negative (rows of a class-index array, before their foreground is moved). */
export function countFloat32Negatives(
  x: usize, n: usize, cells: usize, splits: usize, first: usize, thresholds: usize, count_: u32, groups: usize,
): void {
  count<u32, i8>(x, 0, n, cells, splits, first, thresholds, count_, groups);
}

/** Labelled float16 samples: their cells are exact, nothing is split. */
export function countFloat16(x: usize, codes: usize, n: usize, cells: usize): void {
  count<u16, u8>(x, codes, n, cells, 0, 0, 0, 0, 0);
}

/** float16 samples that are all negative. */
export function countFloat16Negatives(x: usize, n: usize, cells: usize): void {
  count<u16, i8>(x, 0, n, cells, 0, 0, 0, 0, 0);
}
