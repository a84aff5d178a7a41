/** An address in the shared memory, in bytes. */
export type Address = number;

/**
 * The kernels, as WebAssembly exports them and as the scalar twins define them. Contracts stand at each kernel in
 * `kernels/`; table shapes in `kernels/tables.ts` and `kernels/sets.ts`. All addresses are multiples of 4 but for labels and weights.
 */
export interface Kernels {
  countFloat32(
    x: Address,
    codes: Address,
    n: number,
    cells: Address,
    splits: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
    groups: Address,
  ): void;
  countFloat32Negatives(
    x: Address,
    n: number,
    cells: Address,
    splits: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
    groups: Address,
  ): void;
  countFloat16(x: Address, codes: Address, n: number, cells: Address): void;
  countFloat16Negatives(x: Address, n: number, cells: Address): void;
  moveRowsFloat32(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    cells: Address,
    splits: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
  ): void;
  moveRowsFloat16(x: Address, classes: Address, rows: number, width: number, cells: Address): void;
  weighFloat32(
    x: Address,
    codes: Address,
    n: number,
    beta: Address,
    betaSplits: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
    groups: Address,
    out: Address,
  ): void;
  weighFloat32Negatives(
    x: Address,
    n: number,
    beta: Address,
    betaSplits: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
    groups: Address,
    out: Address,
  ): void;
  weighFloat16(x: Address, codes: Address, n: number, beta: Address, out: Address): void;
  weighFloat16Negatives(x: Address, n: number, beta: Address, out: Address): void;
  reweighRowsFloat32(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    beta: Address,
    betaSplits: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
    out: Address,
  ): void;
  reweighRowsFloat16(x: Address, classes: Address, rows: number, width: number, beta: Address, out: Address): void;
  countFine(
    x: Address,
    codes: Address,
    n: number,
    counts: Address,
    shift: number,
    lowest: number,
    limit: number,
    stride: number,
  ): void;
  countFineNegatives(
    x: Address,
    n: number,
    counts: Address,
    shift: number,
    lowest: number,
    limit: number,
    stride: number,
  ): void;
  moveRowsFine(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    counts: Address,
    shift: number,
    lowest: number,
    limit: number,
    stride: number,
  ): void;
  weighWindow(
    x: Address,
    codes: Address,
    n: number,
    table: Address,
    shift: number,
    places: Address,
    weights: Address,
    pieces: number,
    groups: Address,
    out: Address,
  ): void;
  weighWindowNegatives(
    x: Address,
    n: number,
    table: Address,
    shift: number,
    places: Address,
    weights: Address,
    pieces: number,
    groups: Address,
    out: Address,
  ): void;
  reweighRowsWindow(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    table: Address,
    shift: number,
    places: Address,
    weights: Address,
    pieces: number,
    out: Address,
  ): void;
  countSetsFloat32(
    x: Address,
    codes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    counters: Address,
    slots: number,
    copies: Address,
    entries: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
  ): void;
  countSetsFloat16(
    x: Address,
    codes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    counters: Address,
    slots: number,
    copies: Address,
    entries: Address,
  ): void;
  moveRowSetsFloat32(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    counters: Address,
    slots: number,
    entries: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
  ): void;
  moveRowSetsFloat16(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    counters: Address,
    slots: number,
    entries: Address,
  ): void;
  commitSets(counters: Address, totals: Address, n: number): void;
  weighSetsFloat32(
    x: Address,
    codes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    betas: Address,
    slots: number,
    entries: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
    out: Address,
  ): void;
  weighSetsFloat16(
    x: Address,
    codes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    betas: Address,
    slots: number,
    entries: Address,
    out: Address,
  ): void;
  reweighRowSetsFloat32(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    betas: Address,
    slots: number,
    entries: Address,
    first: Address,
    thresholds: Address,
    thresholdCount: number,
    out: Address,
  ): void;
  reweighRowSetsFloat16(
    x: Address,
    classes: Address,
    rows: number,
    width: number,
    rowSets: Address,
    betas: Address,
    slots: number,
    entries: Address,
    out: Address,
  ): void;
  findAtOrAbove(x: Address, codes: Address, n: number, least: number, to: Address): number;
  hasNaNFloat32(x: Address, n: number): number;
  lowBits(x: Address, n: number): number;
  byteSum(x: Address, n: number, word: number, skip: number): number;
  hasNaNFloat16(x: Address, n: number): number;
  commitCells(cells: Address, totals: Address): bigint;
  commitSplits(splits: Address, totals: Address, n: number): void;
  swapBytes16(at: Address, n: number): void;
  swapBytes32(at: Address, n: number): void;
  swapBytes64(at: Address, n: number): void;
  demoteFloat64(from: Address, n: number, to: Address): void;
  widenFloat16(from: Address, n: number, to: Address): void;
  widenBfloat16(from: Address, n: number, to: Address): void;
  narrowToFloat16(from: Address, n: number, to: Address): void;
  narrowToCodes(from: Address, n: number, to: Address): void;
  binaryCodes(dtype: number, from: Address, n: number, ignoreLabel: number, to: Address): number;
  rowClasses(
    dtype: number,
    from: Address,
    rows: number,
    firstForeground: number,
    width: number,
    background: number,
    ignoreLabel: number,
    to: Address,
  ): number;
  applyWeightsToCodes(dtype: number, weights: Address, n: number, codes: Address, width: number): number;
  applyWeightsToClasses(codes: Address, rows: number, classes: Address): void;
  softmaxMargins(x: Address, classes: Address, rows: number, width: number, to: Address, codes: Address): void;
  distancesOfFloat32(a: Address, b: Address, n: number, to: Address): void;
  distancesOfFloat64(a: Address, aBytes: 4 | 8, b: Address, bBytes: 4 | 8, n: number, to: Address): void;
  softTargets(dtype: number, from: Address, n: number, ignoreLabel: number, to: Address, codes: Address): number;
  softNorms(x: Address, t: Address, n: number, loss: Address): void;
  sumSoftLosses(
    g: Address,
    t: Address,
    loss: Address,
    codes: Address,
    n: number,
    first: Address,
    thresholds: Address,
    sums: Address,
    infinite: Address,
  ): void;
  commitSums(from: Address, to: Address, n: number): void;
  classCodes(classes: Address, rows: number, width: number, codes: Address): void;
}

/** `dtype` arguments of the label kernels. 16-bit floats are widened to float32 first. */
export const KERNEL_DTYPE = {
  bool: 0,
  uint8: 0,
  int8: 1,
  int16: 2,
  uint16: 3,
  int32: 4,
  uint32: 5,
  int64: 6,
  uint64: 7,
  float32: 9,
  float64: 10,
} as const;
