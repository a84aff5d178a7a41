/** Doubles as sums of two float32, to 2^-48 of themselves: what tensors of float32 can hold of them. */
export interface DoubleHalves {
  readonly high: Float32Array;
  readonly low: Float32Array;
}

/** The halves of some doubles; of infinite ones, and those beyond float32, the low half is 0. */
export function halvesOf(doubles: Float64Array): DoubleHalves {
  const high = Float32Array.from(doubles);
  const low = Float32Array.from(doubles, (value, i) => (Number.isFinite(high[i]) ? value - high[i] : 0));
  return { high, low };
}
