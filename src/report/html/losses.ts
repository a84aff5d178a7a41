import { crossEntropy } from '../../density/loss.ts';

/**
 * Gradient norms |dL/dx| of one sample with negated margin z, for the losses the report compares. With g = sigmoid(z),
 * p_t = 1 - g is the probability of the true label.
 */

/** Exponent of the focal loss. */
export const GAMMA = 2;
/** Weight of a positive in the focal loss; a negative has 1 - ALPHA. */
export const ALPHA = 0.25;

/** Cross-entropy: g = sigmoid(z), in [0, 1]. */
export function gradientNorm(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/**
 * Focal loss -(1 - p_t)^gamma ln p_t, without alpha. With dp_t/dz = -p_t (1 - p_t) its derivative is
 * g^gamma (g - gamma (1 - g) ln(1 - g)); at g = 1 it is 1, as for cross-entropy.
 */
export function focalGradientNorm(z: number): number {
  if (z === Number.POSITIVE_INFINITY) return 1;
  const g = gradientNorm(z);
  // -ln p_t is the cross-entropy
  return g ** GAMMA * (g + GAMMA * gradientNorm(-z) * crossEntropy(z));
}

/** z of a gradient norm: ln(g / (1 - g)). */
export function marginOf(g: number): number {
  return Math.log(g / (1 - g));
}
