import { type NEGATIVE, POSITIVE } from './cells.ts';
import { distanceAtOrAbove, distanceOf, marginAtOrAbove, marginOf, normAtOrAbove } from './scale-edges.ts';

/**
 * What is counted, and with it how the counted number x (the float of a cell) stands to the gradient norm g. Plain data:
 * it crosses threads and lies in partials.
 *
 * | task                         | x                       | z                  | g                     |
 * | ---------------------------- | ----------------------- | ------------------ | --------------------- |
 * | classification               | the logit               | -x of a positive   | sigmoid(z)            |
 * | softmax                      | z                       | logsumexp - x_y    | sigmoid(z) = 1 - p_y  |
 * | regression                   | \|prediction - target\| | x                  | z / sqrt(z^2 + mu^2)  |
 * | classification, soft targets | g                       | x                  | z                     |
 *
 * z is what grows with g, and what regions are cut along. Only a logit has two labels; the others count as negatives.
 */
export type Scale =
  | { readonly task: 'classification'; readonly softTargets?: true }
  | { readonly task: 'softmax' }
  | { readonly task: 'regression'; readonly mu: number };

/** mu of the paper and of the released code. */
export const DEFAULT_MU = 0.02;
/** Within these no edge of any M up to 10,000 leaves the normal float32, and no two share one. */
export const LEAST_MU = 1e-30;
export const MOST_MU = 1e30;

/** Classification with hard targets. */
export const LOGITS: Scale = { task: 'classification' };

/** What x is: a logit of either sign, or a number that is not negative. */
export function quantityOf(scale: Scale): 'margin' | 'distance' | 'norm' {
  if (scale.task === 'regression') return 'distance';
  return scale.task === 'classification' && scale.softTargets ? 'norm' : 'margin';
}

/** The scale of a document or of options, which have its fields among others. */
export function scaleOf(fields: {
  readonly task: Scale['task'];
  readonly softTargets?: boolean | undefined;
  readonly mu?: number | undefined;
}): Scale {
  const { task, softTargets, mu } = fields;
  if (task === 'regression') return { task, mu: mu ?? DEFAULT_MU };
  return task === 'classification' && softTargets ? { task, softTargets } : { task };
}

export function sameScale(a: Scale, b: Scale): boolean {
  return scaleName(a) === scaleName(b);
}

/** The scale for messages: `regression with mu 0.02`. */
export function scaleName(scale: Scale): string {
  if (scale.task === 'regression') return `regression with mu ${scale.mu}`;
  return scale.task === 'classification' && scale.softTargets ? 'classification with soft targets' : scale.task;
}

/** z of a sample: x, but -x of a positive logit. */
export const coordinateOf = (label: typeof NEGATIVE | typeof POSITIVE, x: number): number =>
  label === POSITIVE ? -x : x;

/** g at z. */
export function gradientNorm(scale: Scale, z: number): number {
  switch (quantityOf(scale)) {
    case 'margin':
      return 1 / (1 + Math.exp(-z));
    case 'distance':
      return z === Number.POSITIVE_INFINITY ? 1 : z / Math.hypot(z, muOf(scale));
    case 'norm':
      return z;
  }
}

/** z at g, 0 to 1, in double precision: within some 2^-51 of it, relatively. Infinite at the ends where it is. */
export function coordinateAt(scale: Scale, g: number): number {
  switch (quantityOf(scale)) {
    case 'margin':
      // 1 - g would lose the digits of a small g
      return g < 0.25 ? Math.log(g) - Math.log1p(-g) : marginOf(g, 1);
    case 'distance':
      return distanceOf(g, 1, muOf(scale));
    case 'norm':
      return g;
  }
}

/**
 * [M - 1] for each inner edge j = 1..M-1, ascending: the smallest float32 whose z is at or above edge j / M, exactly. A
 * sample's region is the number of edges at or below its z.
 */
export function regionEdges(scale: Scale, bins: number): Float32Array {
  return Float32Array.from({ length: bins - 1 }, (_, i) => edgeAtOrAbove(scale, i + 1, bins));
}

function edgeAtOrAbove(scale: Scale, j: number, bins: number): number {
  switch (quantityOf(scale)) {
    case 'margin':
      return marginAtOrAbove(j, bins);
    case 'distance':
      return distanceAtOrAbove(j, bins, muOf(scale));
    case 'norm':
      return normAtOrAbove(j, bins);
  }
}

const muOf = (scale: Scale): number => (scale.task === 'regression' ? scale.mu : Number.NaN);
