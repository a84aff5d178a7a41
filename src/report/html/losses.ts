import type { Density } from '../../density/density.ts';
import { crossEntropy, DEFAULT_FOCAL, weightedLossOf } from '../../density/loss.ts';
import { gradientNorm, quantityOf, scaleOf } from '../../density/scale.ts';

/**
 * Focal loss (1 - p_t)^gamma (-ln p_t) of a sample with negated margin z, without alpha: |dL/dx|. With dp_t/dz =
 * -p_t (1 - p_t) and g = 1 - p_t its derivative is g^gamma (g - gamma (1 - g) ln(1 - g)); at g = 1 it is 1, as for
 * cross-entropy.
 */
export function focalGradientNorm(z: number, gamma: number = DEFAULT_FOCAL.gamma): number {
  if (z === Number.POSITIVE_INFINITY) return 1;
  const g = sigmoid(z);
  // -ln p_t is the cross-entropy
  return g ** gamma * (g + gamma * sigmoid(-z) * crossEntropy(z));
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Which losses the report compares: the one without weights, the focal loss where there is one, and the weighted one. */
export type ComparedName = 'plain' | 'focal' | 'weighted';

/** One of them, for the samples of a density. */
export interface ComparedLoss {
  readonly name: ComparedName;
  /** As in density.json: ce, focal, ghmc, asl1, ghmr. */
  readonly key: 'ce' | 'focal' | 'ghmc' | 'asl1' | 'ghmr';
  /** |dL/dx| of one sample at z, without beta and without the constant of its label. */
  norm(z: number): number;
  /** The constant of its label: alpha of the focal loss. */
  factor(positive: boolean): number;
}

/**
 * The losses in the order they are drawn. The gradient norm of cross-entropy and of ASL1 is g itself; the focal loss is a
 * function of g only where targets are hard.
 */
export function comparedLosses(density: Density): ComparedLoss[] {
  const scale = scaleOf(density);
  const norm = (z: number) => gradientNorm(scale, z);
  const one = () => 1;
  const isRegression = density.task === 'regression';
  const losses: ComparedLoss[] = [{ name: 'plain', key: isRegression ? 'asl1' : 'ce', norm, factor: one }];
  if (quantityOf(scale) === 'margin') {
    const { gamma, alpha } = focalOf(density);
    losses.push({
      name: 'focal',
      key: 'focal',
      norm: (z) => focalGradientNorm(z, gamma),
      factor: alpha === undefined ? one : (positive) => (positive ? alpha : 1 - alpha),
    });
  }
  losses.push({ name: 'weighted', key: weightedLossOf(density.task) === 'ghmr' ? 'ghmr' : 'ghmc', norm, factor: one });
  return losses;
}

/** Constants of the focal loss of a density; a softmax has no alpha. */
export const focalOf = ({ focal }: Density): { readonly gamma: number; readonly alpha?: number | undefined } =>
  focal ?? DEFAULT_FOCAL;

/** The losses that density.json has of sets. */
export const plainAndWeighted = ({ task }: Density) =>
  task === 'regression' ? (['asl1', 'ghmr'] as const) : (['ce', 'ghmc'] as const);

export const LOSS_TITLES = {
  ce: 'cross-entropy',
  focal: 'focal loss',
  ghmc: 'GHM-C',
  asl1: 'ASL1',
  ghmr: 'GHM-R',
} as const;
