import { COPY, CUT, TABLE } from './tables';

/**
 * Adds the scratch cells of a finished shard to the totals and clears them, marks of cut cells kept.
 *   cells   scratch cells, see tables.ts
 *   totals  u64 [2 codes][65536]
 * Returns the number of ignored samples.
 */
export function commitCells(cells: usize, totals: usize): u64 {
  const marks = i32x4.splat(CUT);
  let ignored: u64 = 0;
  for (let at: usize = 0; at < COPY; at += 16) {
    const entry = cells + at;
    const a = v128.load(entry);
    const b = v128.load(entry, COPY);
    const c = v128.load(entry, 2 * COPY);
    const d = v128.load(entry, 3 * COPY);
    if (!v128.any_true(v128.andnot(v128.or(v128.or(a, b), v128.or(c, d)), marks))) continue;
    v128.store(entry, v128.and(a, marks));
    v128.store(entry, v128.and(b, marks), COPY);
    v128.store(entry, v128.and(c, marks), 2 * COPY);
    v128.store(entry, v128.and(d, marks), 3 * COPY);
    const low = i64x2.add(
      i64x2.add(widenLow(v128.andnot(a, marks)), widenLow(v128.andnot(b, marks))),
      i64x2.add(widenLow(v128.andnot(c, marks)), widenLow(v128.andnot(d, marks))),
    );
    const high = i64x2.add(
      i64x2.add(widenHigh(v128.andnot(a, marks)), widenHigh(v128.andnot(b, marks))),
      i64x2.add(widenHigh(v128.andnot(c, marks)), widenHigh(v128.andnot(d, marks))),
    );
    if (at < 2 * TABLE) {
      const total = totals + (at << 1);
      v128.store(total, i64x2.add(v128.load(total), low));
      v128.store(total, i64x2.add(v128.load(total, 16), high), 16);
    } else {
      const sum = i64x2.add(low, high);
      ignored += i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
    }
  }
  return ignored;
}

@inline
function widenLow(counts: v128): v128 {
  return i64x2.extend_low_i32x4_u(counts);
}

@inline
function widenHigh(counts: v128): v128 {
  return i64x2.extend_high_i32x4_u(counts);
}

/** Adds u32 [n] scratch splits to u64 [n] totals and clears them. */
export function commitSplits(splits: usize, totals: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const from = splits + (i << 2);
    const to = totals + (i << 3);
    store<u64>(to, load<u64>(to) + load<u32>(from));
    store<u32>(from, 0);
  }
}
