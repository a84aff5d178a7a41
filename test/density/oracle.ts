/**
 * Unit regions in fixed-point arithmetic, without Math.log: a number is a BigInt in units of 2^-256. Every float32 is
 * such a number exactly.
 */
export type Fixed = bigint;

const BITS = 256n;
/** More than what `logarithm` can be wrong by: some 200 roundings of one unit each, 14 times over for the powers of 2. */
export const UNCERTAINTY: Fixed = 1n << 24n;

/** 2 atanh(numerator / denominator) = ln((d + n) / (d - n)), for 0 <= n / d <= 1/3, by its series. */
function twiceAtanh(numerator: bigint, denominator: bigint): Fixed {
  const t = (numerator << BITS) / denominator;
  const square = (t * t) >> BITS;
  let power = t;
  let sum = 0n;
  for (let k = 1n; power > 0n; k += 2n) {
    sum += power / k;
    power = (power * square) >> BITS;
  }
  return 2n * sum;
}

const LN2 = twiceAtanh(1n, 3n);

/** ln(a / b), a >= b > 0: powers of 2 are taken out until the rest is below 2. */
function logarithm(a: bigint, b: bigint): Fixed {
  let denominator = b;
  let powers = 0n;
  for (; a >= 2n * denominator; denominator *= 2n) powers++;
  return powers * LN2 + twiceAtanh(a - denominator, a + denominator);
}

/** z at edge j of M, ln(j / (M - j)). */
export function edge(j: number, bins: number): Fixed {
  return 2 * j >= bins ? logarithm(BigInt(j), BigInt(bins - j)) : -logarithm(BigInt(bins - j), BigInt(j));
}

/** The exact value of a float32, from its bits; not for NaN and infinities. */
export function fixedOfFloat32Bits(bits: number): Fixed {
  const exponent = (bits >>> 23) & 0xff;
  const fraction = BigInt(bits & 0x7f_ffff);
  // a subnormal's unit is 2^-149
  const size =
    exponent === 0 ? fraction << (BITS - 149n) : (fraction + 0x80_0000n) << (BITS - 149n + BigInt(exponent - 1));
  return bits >>> 31 ? -size : size;
}

/** The exact value of a double whose size is at most 2^10. */
export function fixedOfDouble(value: number): Fixed {
  const scaled = value * 2 ** 60;
  const whole = Math.trunc(scaled);
  // what a double of at least 2^-60 has below 2^-60 is the rest, and exact
  return (BigInt(whole) << (BITS - 60n)) + (BigInt((scaled - whole) * 2 ** 100) << (BITS - 160n));
}

export const isNaNBits = (bits: number): boolean => (bits & 0x7fff_ffff) > 0x7f80_0000;

/** Regions of one M as the definition has them. */
export class OracleRegions {
  readonly bins: number;
  /** [M - 1] edges 1..M-1, ascending. */
  readonly edges: readonly Fixed[];

  constructor(bins: number) {
    this.bins = bins;
    const upper = Array.from({ length: bins - 1 }, (_, i) => i + 1)
      .filter((j) => 2 * j > bins)
      .map((j) => edge(j, bins));
    const middle = bins % 2 === 0 ? [0n] : [];
    this.edges = [...upper.map((z) => -z).reverse(), ...middle, ...upper];
  }

  /** Region of the margin z, the number of edges at or below it. Throws where z is too near an edge to tell. */
  of(z: Fixed): number {
    let low = 0;
    let high = this.edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const distance = z - this.edges[middle];
      const isMiddleEdge = 2 * (middle + 1) === this.bins;
      if (!isMiddleEdge && distance < UNCERTAINTY && distance > -UNCERTAINTY) throw new Error('too near an edge');
      if (distance >= 0n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Region of a sample: the bits of its float32 logit, and whether it is positive; -1 for NaN. */
  ofSample(bits: number, positive: boolean): number {
    if (isNaNBits(bits)) return -1;
    if ((bits & 0x7fff_ffff) === 0x7f80_0000) return bits >>> 31 === (positive ? 1 : 0) ? this.bins - 1 : 0;
    const x = fixedOfFloat32Bits(bits);
    return this.of(positive ? -x : x);
  }
}

/** The M whose regions are tested at every edge. */
export const EVERY_M = [1, 2, 7, 10, 30, 100, 1000, 10_000] as const;

/** Bits of every float32 that is special, and of the three around each edge of M, on both sides of 0. */
export function bitsAround(oracle: OracleRegions, thresholdNear: (z: number) => number): number[] {
  const bits: number[] = [];
  for (let j = Math.floor(oracle.bins / 2) + 1; j < oracle.bins; j++) {
    const near = thresholdNear(Number(oracle.edges[j - 1] >> 192n) / 2 ** 64);
    for (const around of [near - 2, near - 1, near, near + 1, near + 2]) bits.push(around, around + 0x8000_0000);
  }
  return bits;
}
