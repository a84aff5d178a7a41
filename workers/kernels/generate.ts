// Write the first `rows` rows of one block of a synthetic stream (what it imitates: src/generate/distribution.ts).
//   rows, classes  logits are [rows, classes], C order; rows * classes < 2^31, classes 1..65536
//   labelBytes     1: labels u8 [rows], 1 foreground, 0 background; 8: i64 [rows], class, or `classes` for background
//   key0, key1     the block's keys (src/generate/block.ts); every number below depends on them and its position alone
//   tables         f32 [4][2 sides][512][base, slope], as made by src/generate/distribution.ts; a multiple of 4
//   logits         f32 or f16 [rows * classes]
//   weights        f32 [rows], 1 or 0; address 0: none
// The order: all samples from the easy table, four at a time, the last 1 to 3 alone; then the few object groups.
// Only integer arithmetic and exactly rounded float32, so that the scalar twin gives the same bits.

@inline const WEYL: u32 = 0x9e3779b1;
@inline const MIX1: u32 = 0x7feb352d;
@inline const MIX2: u32 = 0x846ca68b;
/** Bytes of one side of a table, and of a table. */
@inline const SIDE: usize = 512 * 8;
@inline const TABLE: usize = 2 * SIDE;
/** Entry 0 belongs to 1.0: the 13 upper bits of its float32. */
@inline const FIRST: usize = 127 << 4;

// What the groups of 32 rows are made of; the twin says the same.
@inline const GROUP: u32 = 32;
@inline const OBJECT_GROUPS: u32 = 141733920;
@inline const IGNORING_GROUPS: u32 = 610744349;
@inline const GROUP_KEY: u32 = 0x5bd1e995;
@inline const ROW_KEY: u32 = 0x27d4eb2f;

/** Random number i of the stream of two keys: a Weyl sequence through a 32-bit mixer. */
@inline
function random(i: u32, key0: u32, key1: u32): u32 {
  let h = i * WEYL + key0;
  h = (h ^ (h >>> 16)) * MIX1;
  h ^= key1;
  h = (h ^ (h >>> 15)) * MIX2;
  return h ^ (h >>> 16);
}

/** The logit that a random number stands for: bit 0 the side, the others the distance from its end. */
@inline
function draw(table: usize, h: u32): f32 {
  const t = <f32>(<i32>((h >>> 1) | 1));
  const entry = table + ((<usize>(reinterpret<u32>(t) >>> 19) - FIRST) << 3) + <usize>(h & 1) * SIDE;
  return load<f32>(entry) + load<f32>(entry, 4) * t;
}

/** Nearest float16, ties to even; |z| < 65504. */
@inline
function float16Bits(z: f32): u32 {
  const bits = reinterpret<u32>(z);
  const size = bits & 0x7fff_ffff;
  const small = reinterpret<u32>(reinterpret<f32>(size) + 0.5) - 0x3f00_0000;
  const normal = (size + 0xc800_0fff + ((size >>> 13) & 1)) >>> 13;
  return ((bits >>> 16) & 0x8000) | (size < 0x3880_0000 ? small : normal);
}

/** T: f32, or u16 for float16. */
@inline
function storeLogit<T>(at: usize, z: f32): void {
  if (sizeof<T>() == 4) store<f32>(at, z);
  else store<u16>(at, <u16>float16Bits(z));
}

/** `draw` for the next four random numbers; `weyl` holds their i * WEYL + key0. */
@inline
function drawFour(weyl: v128, key1: v128, origin: usize): v128 {
  let h = i32x4.mul(v128.xor(weyl, i32x4.shr_u(weyl, 16)), i32x4.splat(MIX1));
  h = v128.xor(h, key1);
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 15)), i32x4.splat(MIX2));
  h = v128.xor(h, i32x4.shr_u(h, 16));
  const t = f32x4.convert_i32x4_s(v128.or(i32x4.shr_u(h, 1), i32x4.splat(1)));
  const side = i32x4.shl(v128.and(h, i32x4.splat(1)), 12);
  const entry = i32x4.add(i32x4.shl(i32x4.shr_u(t, 19), 3), side);
  const a = v128.load64_zero(origin + i32x4.extract_lane(entry, 0));
  const b = v128.load64_lane(origin + i32x4.extract_lane(entry, 1), a, 1);
  const c = v128.load64_zero(origin + i32x4.extract_lane(entry, 2));
  const d = v128.load64_lane(origin + i32x4.extract_lane(entry, 3), c, 1);
  const base = v128.shuffle<i32>(b, d, 0, 2, 4, 6);
  const slope = v128.shuffle<i32>(b, d, 1, 3, 5, 7);
  return f32x4.add(base, f32x4.mul(slope, t));
}

/** `float16Bits` of four. */
@inline
function float16BitsOfFour(z: v128): v128 {
  const size = v128.and(z, i32x4.splat(0x7fff_ffff));
  const small = i32x4.sub(f32x4.add(size, f32x4.splat(0.5)), i32x4.splat(0x3f00_0000));
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(i32x4.add(size, i32x4.splat(0xc800_0fff)), odd), 13);
  const bits = v128.bitselect(small, normal, i32x4.lt_s(size, i32x4.splat(0x3880_0000)));
  return v128.or(bits, v128.and(i32x4.shr_u(z, 16), i32x4.splat(0x8000)));
}

/** Every sample from the easy table. */
@inline
function fill<T>(n: u32, key0: u32, key1: u32, table: usize, logits: usize): void {
  const origin = table - (FIRST << 3);
  const keys = i32x4.splat(key1);
  const step = i32x4.splat(4 * WEYL);
  let weyl = i32x4.add(i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(WEYL)), i32x4.splat(key0));
  let i: u32 = 0;
  for (const end = n & ~3; i < end; i += 4) {
    const z = drawFour(weyl, keys, origin);
    if (sizeof<T>() == 4) v128.store(logits + (<usize>i << 2), z);
    else v128.store64_lane(logits + (<usize>i << 1), i16x8.narrow_i32x4_u(float16BitsOfFour(z), z), 0);
    weyl = i32x4.add(weyl, step);
  }
  for (; i < n; i++) storeLogit<T>(logits + <usize>i * sizeof<T>(), draw(table, random(i, key0, key1)));
}

/** Bits of a run of `length` rows at a place in a group that the upper bits of h choose. */
@inline
function runOfRows(length: u32, h: u32): u32 {
  return ((1 << length) - 1) << ((((h >>> 8) & 31) * (33 - length)) >>> 5);
}

/** An object lies here: its foreground rows, the confused rows among them, and the near rows around it. */
@inline
function writeObject<T>(
  group: u32,
  rows: u32,
  classes: u32,
  labelBytes: u32,
  key0: u32,
  key1: u32,
  tables: usize,
  logits: usize,
  labels: usize,
): void {
  const place = random(8 * group + 1, key0 ^ GROUP_KEY, key1);
  const span = runOfRows(4 + (place & 7) + ((place >>> 3) & 3), place);
  const kept = random(8 * group + 2, key0 ^ GROUP_KEY, key1) | random(8 * group + 3, key0 ^ GROUP_KEY, key1);
  const u = <f32>(<i32>(random(8 * group + 4, key0 ^ GROUP_KEY, key1) >>> 8)) * <f32>(1.0 / 16777216.0);
  const category = <u32>(<i32>(u * u * <f32>(<i32>classes)));
  const end = min((group + 1) * GROUP, rows);
  for (let row = group * GROUP; row < end; row++) {
    const bit: u32 = 1 << (row & 31);
    const inSpan = (span & bit) != 0;
    const foreground = inSpan && (kept & bit) != 0;
    const table = tables + (foreground ? 2 * TABLE : inSpan ? 3 * TABLE : TABLE);
    const z = draw(table, random(row, key0 ^ ROW_KEY, key1));
    storeLogit<T>(logits + <usize>(row * classes + category) * sizeof<T>(), foreground ? -z : z);
    if (!foreground) continue;
    if (labelBytes == 1) store<u8>(labels + row, 1);
    else store<i64>(labels + (<usize>row << 3), <i64>category);
  }
}

@inline
function ignoreRun(group: u32, rows: u32, key0: u32, key1: u32, weights: usize): void {
  const place = random(8 * group + 6, key0 ^ GROUP_KEY, key1);
  const run = runOfRows(1 + (place & 7), place);
  const end = min((group + 1) * GROUP, rows);
  for (let row = group * GROUP; row < end; row++) {
    if (run & (1 << (row & 31))) store<f32>(weights + (<usize>row << 2), 0);
  }
}

@inline
function generate<T>(
  rows: u32,
  classes: u32,
  labelBytes: u32,
  key0: u32,
  key1: u32,
  tables: usize,
  logits: usize,
  labels: usize,
  weights: usize,
): void {
  fill<T>(rows * classes, key0, key1, tables, logits);
  if (labelBytes == 1) memory.fill(labels, 0, rows);
  else for (let row: usize = 0; row < rows; row++) store<i64>(labels + (row << 3), <i64>classes);
  if (weights) for (let row: usize = 0; row < rows; row++) store<f32>(weights + (row << 2), 1);
  for (let group: u32 = 0; group * GROUP < rows; group++) {
    if (random(8 * group, key0 ^ GROUP_KEY, key1) < OBJECT_GROUPS) {
      writeObject<T>(group, rows, classes, labelBytes, key0, key1, tables, logits, labels);
    }
    if (weights && random(8 * group + 5, key0 ^ GROUP_KEY, key1) < IGNORING_GROUPS) {
      ignoreRun(group, rows, key0, key1, weights);
    }
  }
}

export function generateFloat32(
  rows: u32,
  classes: u32,
  labelBytes: u32,
  key0: u32,
  key1: u32,
  tables: usize,
  logits: usize,
  labels: usize,
  weights: usize,
): void {
  generate<f32>(rows, classes, labelBytes, key0, key1, tables, logits, labels, weights);
}

export function generateFloat16(
  rows: u32,
  classes: u32,
  labelBytes: u32,
  key0: u32,
  key1: u32,
  tables: usize,
  logits: usize,
  labels: usize,
  weights: usize,
): void {
  generate<u16>(rows, classes, labelBytes, key0, key1, tables, logits, labels, weights);
}
