/**
 * What `generate` imitates: the outputs of a trained one-stage detector on all of its anchors, in the order level, y, x,
 * anchor. Compared with real dumps (RetinaNet-style, sigmoid heads) at ten unit regions: 99.3 % of the real samples have
 * g < 0.1, then the shares fall to 0.04 % near g = 0.8 and rise again towards g = 1. Here, in binary form, about 97.8 %,
 * 0.12 % and 0.27 %; the middle and the hard end are somewhat larger, so that a short stream shows them too.
 *
 * Rows come in groups of 32 neighbours. 3.3 % of the groups hold an object: a span of 4 to 14 rows, of which three
 * quarters are foreground and the rest confused (an anchor of an object that nobody labelled); the other rows of the
 * group are near background. In form `index` this concerns the logit of the object's class alone. All else is easy
 * background. Each kind has its own distribution of z, the logit that makes the sample hard: z = x for a background
 * sample, z = -x for a foreground one, g = sigmoid(z).
 *
 * z has the quantile function Q(u) = centre + lower ln(u + 2^-lowerEnd) - upper ln(1 - u + 2^-upperEnd): exponential
 * tails of two different lengths, as real logits have, with finite ends. Where `upper` > 1 the density of g rises
 * towards g = 1: the bump of the outliers. The kernel reads Q from a table; no exponential or logarithm is left in it.
 */
interface Quantiles {
  readonly centre: number;
  readonly lower: number;
  readonly upper: number;
  readonly lowerEnd: number;
  readonly upperEnd: number;
}

/** In the order of the tables. */
export const KINDS: readonly Quantiles[] = [
  // easy background: median -8.1, standard deviation 2.3, from -25 to 8; 1.3 % above g = 0.1
  { centre: -8.3, lower: 1.1, upper: 1.4, lowerEnd: 22, upperEnd: 17 },
  // near background: median -6.1; 9 % above g = 0.1
  { centre: -6.5, lower: 1.2, upper: 1.8, lowerEnd: 16, upperEnd: 12 },
  // foreground: a quarter below g = 0.1, 16 % above g = 0.9, as in the real data
  { centre: -0.5, lower: 1.6, upper: 1.6, lowerEnd: 9, upperEnd: 9 },
  // confused background: 39 % above g = 0.9
  { centre: 1.5, lower: 1.6, upper: 1.6, lowerEnd: 9, upperEnd: 9 },
];

/** Intervals in which the distance from an end of u doubles, and pieces of each. */
const OCTAVES = 31;
const PIECES = 16;
const SIDE_ENTRIES = 512;
/** Floats of all tables: [kinds][2 sides][512][base, slope]. */
export const TABLE_FLOATS = KINDS.length * 2 * SIDE_ENTRIES * 2;

/**
 * Natural logarithm from the four basic operations, which every platform rounds alike: `Math.log` may differ in its last
 * bit, and the same seed has to mean the same bytes everywhere. x > 0; error below 1e-15 of the result.
 */
function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa >= Math.SQRT2; exponent++) mantissa /= 2;
  for (; mantissa < Math.SQRT1_2; exponent--) mantissa *= 2;
  const s = (mantissa - 1) / (mantissa + 1);
  let sum = 0;
  for (let odd = 23; odd >= 1; odd -= 2) sum = sum * s * s + 1 / odd;
  return exponent * Math.LN2 + 2 * s * sum;
}

function quantile(q: Quantiles, u: number, fromTop: number): number {
  return q.centre + q.lower * logarithm(u + 2 ** -q.lowerEnd) - q.upper * logarithm(fromTop + 2 ** -q.upperEnd);
}

/**
 * The tables of the kernel. A random number of 32 bits gives a side (bit 0; 0 is u < 1/2) and t in 1..2^31, the distance
 * of u from that side's end in units of 2^-32. Entry (octave of t) * 16 + (piece of it), the upper bits of the float32
 * t, holds the line through both ends of its piece: z = base + slope * t.
 */
export function quantileTables(): Float32Array {
  const tables = new Float32Array(TABLE_FLOATS);
  KINDS.forEach((kind, k) => {
    for (const side of [0, 1]) {
      const z = (t: number): number => {
        const near = t * 2 ** -32;
        return side === 0 ? quantile(kind, near, 1 - near) : quantile(kind, 1 - near, near);
      };
      // one entry more: t = 2^31
      for (let entry = 0; entry <= OCTAVES * PIECES; entry++) {
        const octave = 2 ** Math.floor(entry / PIECES);
        const begin = octave * (1 + (entry % PIECES) / PIECES);
        const end = begin + octave / PIECES;
        const slope = (z(end) - z(begin)) / (end - begin);
        const at = 2 * ((2 * k + side) * SIDE_ENTRIES + entry);
        tables[at] = z(begin) - slope * begin;
        tables[at + 1] = slope;
      }
    }
  });
  return tables;
}
