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
    const a = v128.load(cells + at);
    const b = v128.load(cells + at, COPY);
    if (!v128.any_true(v128.andnot(v128.or(a, b), marks))) continue;
    v128.store(cells + at, v128.and(a, marks));
    v128.store(cells + at, v128.and(b, marks), COPY);
    const low = v128.andnot(a, marks);
    const high = v128.andnot(b, marks);
    const front = i64x2.add(i64x2.extend_low_i32x4_u(low), i64x2.extend_low_i32x4_u(high));
    const back = i64x2.add(i64x2.extend_high_i32x4_u(low), i64x2.extend_high_i32x4_u(high));
    if (at < 2 * TABLE) {
      const total = totals + (at << 1);
      v128.store(total, i64x2.add(v128.load(total), front));
      v128.store(total, i64x2.add(v128.load(total, 16), back), 16);
    } else {
      const sum = i64x2.add(front, back);
      ignored += i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
    }
  }
  return ignored;
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
