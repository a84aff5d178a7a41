import type { Breathe } from '../breath.ts';
import type { WeighedDensity } from '../density/counted-sets.ts';
import { DEFAULT_FOCAL } from '../density/loss.ts';
import { inputError, usageError } from '../errors.ts';
import type { CompleteMomentumOptions, GivenDensityOptions } from '../options/complete-options.ts';
import type { CountsOrDensity } from '../partial/read.ts';
import { densityOf } from './density-of.ts';

/** What a partial leaves open and a density.json does not. */
const DENSITY_FLAGS = {
  method: '--method',
  bins: '--bins',
  normalize: '--normalize',
  epsilon: '--epsilon',
  maxWeight: '--max-weight',
  meanOne: '--mean-one',
  focalGamma: '--focal-gamma',
  focalAlpha: '--focal-alpha',
  momentum: '--momentum',
} as const;

/**
 * The density of a file: made of its counts as the options say, or as it is.
 *
 * @throws usageError where options ask for what a density.json has already
 */
export async function givenDensity(
  given: CountsOrDensity,
  options: GivenDensityOptions & CompleteMomentumOptions & { readonly density: string },
  breathe: Breathe,
): Promise<WeighedDensity> {
  if (given.kind === 'density') {
    for (const [key, flag] of Object.entries(DENSITY_FLAGS)) {
      if (options[key as keyof typeof DENSITY_FLAGS] === undefined) continue;
      throw usageError(
        `${flag}: ${options.density} is a density.json, whose weights are final; give a partial to choose them anew`,
      );
    }
    return { density: given.density, setBeta: given.density.groups?.beta ?? null };
  }
  const asked = {
    bins: options.bins ?? given.counts.bins,
    normalize: options.normalize,
    epsilon: options.epsilon,
    maxWeight: options.maxWeight,
    meanOne: options.meanOne ?? false,
    focalGamma: options.focalGamma ?? DEFAULT_FOCAL.gamma,
    focalAlpha: options.focalAlpha ?? DEFAULT_FOCAL.alpha,
    momentum: options.momentum,
    biasCorrection: options.biasCorrection,
  };
  const weighed = await densityOf(given.counts, options.method ?? 'unit-region', asked, breathe);
  if (weighed.density.total === 0) throw inputError(`${options.density}: holds no samples; expected at least one`);
  return weighed;
}
