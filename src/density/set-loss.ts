import { unweightedLoss } from './loss.ts';
import { coordinateAt, quantityOf, type Scale } from './scale.ts';

/** The loss of a sample at z, whose sums sets keep; `null` for soft targets, where z does not tell it. */
export const lossAt = (scale: Scale): ((z: number) => number) | null =>
  quantityOf(scale) === 'norm' ? null : (z) => unweightedLoss(scale)(z, false);

/**
 * The second derivative of that loss, which falls away from 0 on both sides: p (1 - p) of cross-entropy, mu^2 / (d^2 + mu^2)^1.5
 * of ASL1.
 */
export function curvatureAt(scale: Scale): (z: number) => number {
  if (scale.task === 'regression') {
    const { mu } = scale;
    return (d) => mu ** 2 / Math.hypot(d, mu) ** 3;
  }
  return (z) => 1 / (2 + Math.exp(z) + Math.exp(-z));
}

/** Losses at or above this are not summed. No detector gives a logit of 4,096 for the wrong class but by a defect. */
export const LARGEST_LOSS = 4096;

/**
 * The loss that one unit of a region's sum stands for, a power of two, so large that no loss of the region is 2^31 units
 * or more. Losses grow with z: that of the region's upper edge is the largest.
 */
export function lossUnit(scale: Scale, region: number, bins: number): number {
  const loss = lossAt(scale);
  const edge = loss && region < bins - 1 ? loss(coordinateAt(scale, (region + 1) / bins)) : LARGEST_LOSS;
  const limit = edge > 0 && edge < LARGEST_LOSS ? edge : LARGEST_LOSS;
  return 2 ** (Math.ceil(Math.log2(limit)) - 31);
}
