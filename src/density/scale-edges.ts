import { bitsOfFloat32, float32OfBits } from './cell-values.ts';

// Where the edge j / M of a unit region lies on each scale, and the smallest float32 that is not below it: comparing a
// float32 with that one is comparing it with the edge itself.

/**
 * Margin z at edge j of M, ln(j / (M - j)), for 0 < j < M, in double precision. Written with log1p near 0, where the
 * quotient is near 1 and a plain logarithm would lose digits.
 */
export function marginOf(j: number, bins: number): number {
  if (2 * j < bins) return -marginOf(bins - j, bins);
  const excess = (2 * j - bins) / (bins - j);
  return excess < 1 ? Math.log1p(excess) : Math.log(j / (bins - j));
}

/**
 * The smallest float32 at or above margin ln(j / (M - j)), for 0 < j < M. The double-precision value is within 2^-51 of
 * the true one; the tests show that no edge of any M up to 10,000 is so near a float32 that this could matter.
 */
export const marginAtOrAbove = (j: number, bins: number): number => float32AtOrAbove(marginOf(j, bins));

/** Distance |d| at edge j of M, mu g / sqrt(1 - g^2) with g = j / M, for 0 <= j <= M, in double precision. */
export const distanceOf = (j: number, bins: number, mu: number): number =>
  (mu * j) / Math.sqrt((bins - j) * (bins + j));

/** What double precision can be wrong by in `distanceOf`, relatively: four roundings of 2^-53. */
const DOUBLE_ERROR = 2 ** -51;

/**
 * The smallest float32 at or above the distance of edge j of M: |d| >= edge where d^2 (M^2 - j^2) >= mu^2 j^2. Decided in
 * integers where double precision is too near to tell, so that it is exact for every mu: an edge may well be a float32.
 */
export function distanceAtOrAbove(j: number, bins: number, mu: number): number {
  const edge = distanceOf(j, bins, mu);
  const nearest = Math.fround(edge);
  if (Math.abs(nearest - edge) > DOUBLE_ERROR * edge) return float32AtOrAbove(edge);
  const places = Math.max(fractionBits(nearest), fractionBits(mu));
  const whole = (x: number): bigint => BigInt(x * 2 ** fractionBits(x)) << BigInt(places - fractionBits(x));
  const isAbove = whole(nearest) ** 2n * BigInt((bins - j) * (bins + j)) >= whole(mu) ** 2n * BigInt(j) ** 2n;
  return isAbove ? nearest : float32Above(nearest);
}

/** Binary places behind the point of a double. */
function fractionBits(x: number): number {
  let places = 0;
  // exact: a double scaled by powers of two until it is an integer
  for (let whole = x; !Number.isInteger(whole); whole *= 2) places++;
  return places;
}

/** The smallest float32 at or above j / M: a float32 times M is exact in double precision. */
export function normAtOrAbove(j: number, bins: number): number {
  const nearest = Math.fround(j / bins);
  return nearest * bins >= j ? nearest : float32Above(nearest);
}

function float32AtOrAbove(value: number): number {
  const rounded = Math.fround(value);
  return rounded >= value ? rounded : float32Above(rounded);
}

/** The next float32 above a finite one. */
function float32Above(value: number): number {
  if (value === 0) return float32OfBits(1);
  return float32OfBits(bitsOfFloat32(value) + (value > 0 ? 1 : -1));
}
