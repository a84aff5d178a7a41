import type { Density } from '../../density/density.ts';
import { quantityOf, scaleOf } from '../../density/scale.ts';
import { focalOf } from './losses.ts';

/** What things are called, by the task. */
export interface Wording {
  /** What g is of a sample. */
  readonly norm: string;
  readonly plain: string;
  readonly weighted: string;
  /** With its constants. */
  readonly focal: string;
  /** What is towards g = 0, and towards g = 1. */
  readonly easy: string;
  readonly hard: string;
}

export function wordingOf(density: Density): Wording {
  const scale = scaleOf(density);
  if (scale.task === 'regression') {
    return {
      norm: `g = |d| / √(d² + μ²), μ = ${scale.mu}`,
      plain: 'ASL1',
      weighted: 'GHM-R',
      focal: '',
      easy: 'boxes that fit already',
      hard: 'boxes that are far off, some of them with a wrong target',
    };
  }
  const { gamma, alpha } = focalOf(density);
  const norm =
    scale.task === 'softmax' ? 'g = 1 − p of the true class' : `g = |p − ${quantityOf(scale) === 'norm' ? 't' : 'p*'}|`;
  return {
    norm,
    plain: 'cross-entropy',
    weighted: 'GHM-C',
    focal: `focal loss (γ = ${gamma}${alpha === undefined ? '' : `, α = ${alpha}`})`,
    easy: 'easy samples',
    hard: 'samples the model is sure about and wrong',
  };
}

/** Whether samples have one of two labels, so that positives and negatives can be told apart. */
export const hasLabels = ({ task, softTargets }: Pick<Density, 'task' | 'softTargets'>): boolean =>
  task === 'classification' && !softTargets;
