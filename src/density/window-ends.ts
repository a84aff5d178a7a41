import { INFINITE } from './margin-counts.ts';
import { DEFAULT_MU, quantityOf, type Scale } from './scale.ts';

// The window of equation (4) on the line of z: [g - eps/2, g + eps/2) in g is [lower, upper) in z, and its length that
// of equation (6). Numbers are kept together with their rest to 1, so that digits are lost at neither end of g.

/** g and 1 - g, both to the last digits. */
export interface Norm {
  readonly g: number;
  readonly rest: number;
}

/** g at z, infinite ones as +-INFINITE. */
export function normAt(scale: Scale, z: number): Norm {
  switch (quantityOf(scale)) {
    case 'margin': {
      const e = Math.exp(-Math.abs(z));
      const [small, large] = [e / (1 + e), 1 / (1 + e)];
      return z < 0 ? { g: small, rest: large } : { g: large, rest: small };
    }
    case 'distance': {
      // no sample is below 0
      const mu = muOf(scale);
      const d = Math.max(z, 0);
      const h = Math.hypot(d, mu);
      return { g: d / h, rest: (mu / h) * (mu / (h + d)) };
    }
    case 'norm': {
      const g = Math.min(Math.max(z, 0), 1);
      return { g, rest: 1 - g };
    }
  }
}

/** z at which g is t, for 0 < t < 1 and u = 1 - t, and dz/dt there. */
function coordinateAt(scale: Scale, t: number, u: number): readonly [number, number] {
  switch (quantityOf(scale)) {
    case 'margin':
      return [Math.log(t / u), 1 / (t * u)];
    case 'distance': {
      const root = Math.sqrt(u * (1 + t));
      return [(muOf(scale) * t) / root, muOf(scale) / root ** 3];
    }
    case 'norm':
      return [t, 1];
  }
}

const muOf = (scale: Scale): number => (scale.task === 'regression' ? scale.mu : DEFAULT_MU);

/** Where an end of a window may lie: it is known up to the rounding of doubles. */
export interface End {
  readonly from: number;
  readonly to: number;
}

/** Doubles are this near to g and 1 - g, whatever the z. */
const ROUNDING = 2 ** -50;

/** z at which g is t, given u = 1 - t, each wrong by `doubt` at most; t and u may be outside [0, 1]. */
function endAt(scale: Scale, t: number, u: number, doubt: number): End {
  if (t > 2 * doubt && u > 2 * doubt) {
    const [z, slope] = coordinateAt(scale, t, u);
    // the slope is at most some three times as great within the doubt, and z itself is rounded
    const error = 4 * doubt * slope + Math.abs(z) * ROUNDING;
    return { from: z - error, to: z + error };
  }
  return { from: bound(scale, t - doubt, u + doubt), to: bound(scale, t + doubt, u - doubt) };
}

/** No sample has g < 0, and all have g < t where t > 1: also those at g = 1. */
function bound(scale: Scale, t: number, u: number): number {
  if (t <= 0) return Number.NEGATIVE_INFINITY;
  if (u < 0) return Number.POSITIVE_INFINITY;
  return u === 0 ? INFINITE : coordinateAt(scale, t, u)[0];
}

/** a - b, from whichever of a and its rest to 1 is smaller: less is lost. */
const difference = (a: number, b: number, rest: number): number => (a < 0.5 ? a - b : 1 - b - rest);

/** A window and what it is around. */
export interface Window extends Norm {
  readonly lower: End;
  readonly upper: End;
}

/** The window around z. @param epsilon its width, in (0, 2] */
export function windowAt(scale: Scale, z: number, epsilon: number): Window {
  const half = epsilon / 2;
  const { g, rest } = normAt(scale, z);
  // g is a whole double at 0 and the infinities, and windows that cover everything leave nothing to round
  const exact = half >= 1 || z === 0 || Math.abs(z) >= INFINITE;
  const doubt = exact ? 0 : ROUNDING;
  return {
    g,
    rest,
    lower: endAt(scale, difference(g, half, rest), rest + half, doubt),
    upper: endAt(scale, g + half, difference(rest, half, g), doubt),
  };
}

/** Least and greatest l_eps from one g to another: the part of a window that lies in [0, 1] grows, stays and shrinks. */
export function lengths(from: Norm, to: Norm, epsilon: number): readonly [number, number] {
  // g + (1 - g), whatever their rounding
  if (epsilon >= 2) return [1, 1];
  const half = epsilon / 2;
  const most = Math.min(epsilon, 1);
  const reach = (left: number, right: number): number => Math.min(Math.min(half, left) + Math.min(half, right), most);
  return [Math.min(reach(from.g, from.rest), reach(to.g, to.rest)), reach(to.g, from.rest)];
}
