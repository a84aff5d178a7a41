import type { Breathe } from '../breath.ts';
import type { CellCounts } from '../density/cells.ts';
import { type WeighedDensity, withSets } from '../density/counted-sets.ts';
import { unitRegionDensity } from '../density/unit-regions.ts';
import { windowDensity } from '../density/window.ts';
import type { CompleteDensityOptions, CompleteMomentumOptions } from '../options/complete-options.ts';
import type { DensityMethod } from '../options/options.ts';

/**
 * The density that was asked for, of these counts, and those of their batches or groups where they have any. Where no width
 * is given, windows are as wide as a unit region.
 */
export async function densityOf(
  counts: CellCounts,
  method: DensityMethod,
  options: CompleteDensityOptions & CompleteMomentumOptions,
  breathe: Breathe,
): Promise<WeighedDensity> {
  const {
    bins,
    normalize = 'valid-bins',
    epsilon = 1 / bins,
    maxWeight,
    meanOne,
    momentum = 0,
    biasCorrection,
    focalGamma,
    focalAlpha,
  } = options;
  const limits = { maxWeight, meanOne, focalGamma, focalAlpha };
  if (method === 'window') return { density: windowDensity(counts, { bins, epsilon, ...limits }), setBeta: null };
  const rule = { normalize, maxWeight, meanOne };
  const density = unitRegionDensity(counts, { bins, normalize, ...limits });
  return withSets(density, counts, rule, { momentum, biasCorrection }, breathe);
}
