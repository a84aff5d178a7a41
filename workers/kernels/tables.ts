// Shapes of the tables the kernels share. All counters and betas are u32; codes: 0 negative, 1 positive, 2 ignored.
//
// scratch cells  u32 [4 copies][3 codes][65536]  samples of a cell; sample i of a call counts in copy i & 3, so that
//                                                equal neighbours do not wait for each other's store
// scratch splits u32 [2 codes][thresholds]       samples of the piece that begins at a threshold
// beta cells     u32 [3 codes][65536]            bits of the weight (float32, or float16 in the low half)
// beta splits    u32 [2 codes][thresholds]       the same for pieces
//
// Bit 31 of an entry of a cells table marks a cell that thresholds cut. It is free in both: a shard has fewer than
// 2^31 samples, and a weight is not negative.
@inline export const TABLE: usize = 65536 * 4;
@inline export const COPY: usize = 3 * TABLE;
@inline export const CUT: u32 = 0x8000_0000;
@inline export const IGNORED: u32 = 2;
/** Samples a block: what the list of cut groups has room for. A multiple of 4. */
@inline export const BLOCK: usize = 4096;

/** Address of the counter or beta of a sample's cell. The cell is the upper half of a float32, or a whole float16. */
@inline
export function cellEntry<T>(table: usize, code: u32, x: usize): usize {
  const cell = sizeof<T>() == 4 ? <usize>load<u16>(x, 2) : <usize>load<u16>(x);
  return table + (((<usize>code << 16) + cell) << 2);
}

/** Code of sample i. L: u8 where there are codes, i8 where every sample is negative and there are none. */
@inline
export function codeAt<L>(codes: usize, i: usize): u32 {
  return isSigned<L>() ? 0 : <u32>load<u8>(codes + i);
}

/** Whether the sixteen samples from here on are all negative, as most are. */
@inline
export function areNegative(codes: usize): bool {
  return !v128.any_true(v128.load(codes));
}

/**
 * Position p of the piece that holds `bits` in its cell: the piece begins at thresholds[p - 1], or with the cell when p
 * equals the cell's first threshold number. `first` is u32 [65537], `thresholds` u32, ascending in each cell.
 */
@inline
export function pieceAfter(bits: u32, first: usize, thresholds: usize): u32 {
  const cell = <usize>(bits >>> 16) << 2;
  let p = load<u32>(first + cell);
  const end = load<u32>(first + cell, 4);
  while (p < end && bits >= load<u32>(thresholds + (<usize>p << 2))) p++;
  return p;
}
