import type { CellCounts } from './cells.ts';
import type { Density } from './density.ts';
import { type FocalOptions, focalConstants, meanLosses } from './loss.ts';
import { partitionOf } from './partition.ts';
import { regionWeights, type WeightRule } from './region-weights.ts';
import { Regions, regionCounts } from './regions.ts';

export interface UnitRegionOptions extends WeightRule, FocalOptions {
  readonly bins: number;
}

/** Number of edge j of M as NumPy's arange(M + 1) / M gives it. */
export const edgesOf = (bins: number): number[] => Array.from({ length: bins + 1 }, (_, j) => j / bins);

/**
 * The density of unit regions: GD = R_j M, beta = N / (R_j n), n the non-empty regions (`valid-bins`, the released
 * code) or M (`all-bins`, the paper's fast form). Pure.
 */
export function unitRegionDensity(counts: CellCounts, options: UnitRegionOptions): Density {
  const { bins, normalize, maxWeight, meanOne } = options;
  const partition = partitionOf(counts);
  const { counts: regions, uncertain } = regionCounts(counts, partition, bins);
  const total = regions.reduce((sum, count) => sum + count, 0);
  const validBins = regions.filter((count) => count > 0).length;
  const beta = regionWeights(regions, regions, options);
  return {
    schema: 'ghm.density/1',
    ...counts.scale,
    method: 'unit-region',
    bins,
    normalize,
    ...(maxWeight !== undefined && { maxWeight }),
    ...(meanOne && { meanOne }),
    total,
    ignored: counts.ignored,
    validBins,
    edges: edgesOf(bins),
    counts: regions,
    ...(uncertain > 0 && { countsUncertain: uncertain }),
    gradientDensity: regions.map((count) => count * bins),
    beta,
    ...meanLosses(counts, partition, new Regions(bins, counts.scale), beta, focalConstants(options)),
  };
}
