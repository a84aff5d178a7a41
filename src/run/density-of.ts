import type { CellCounts } from '../density/cells.ts';
import type { Density } from '../density/density.ts';
import { unitRegionDensity } from '../density/unit-regions.ts';
import { windowDensity } from '../density/window.ts';
import type { CompleteDensityOptions } from '../options/complete-options.ts';
import type { DensityMethod } from '../options/options.ts';

/** The density that was asked for, of these counts. Where no width is given, windows are as wide as a unit region. */
export function densityOf(counts: CellCounts, method: DensityMethod, options: CompleteDensityOptions): Density {
  const { bins, normalize = 'valid-bins', epsilon = 1 / bins, maxWeight, meanOne, focalGamma, focalAlpha } = options;
  const limits = { maxWeight, meanOne, focalGamma, focalAlpha };
  return method === 'window'
    ? windowDensity(counts, { bins, epsilon, ...limits })
    : unitRegionDensity(counts, { bins, normalize, ...limits });
}
