import type { Breathe } from '../breath.ts';
import type { SetRequest } from '../options/set-options.ts';
import type { CellCounts } from './cells.ts';
import { type Density, MOST_LISTED, type SetLosses } from './density.ts';
import { lossesOf, weightedLossOf } from './loss.ts';
import type { Momentum } from './moving-counts.ts';
import { partitionOf } from './partition.ts';
import type { WeightRule } from './region-weights.ts';
import type { SetCounts } from './set-counts.ts';
import { batchDensities, groupDensities, meanSetLoss, type SetDensities, weightedLossBound } from './set-densities.ts';
import { lossDoubts } from './set-lines.ts';

/** Counts of batches or groups, with what they are. */
export interface CountedSets {
  readonly request: SetRequest;
  /** Rows of each batch, in stream order; empty for groups. */
  readonly batchRows: readonly number[];
  /** Value of each group, ascending; empty for batches. */
  readonly values: readonly number[];
  readonly counts: SetCounts;
}

/** A density, and the weights of its sets where it has sets. */
export interface WeighedDensity {
  readonly density: Density;
  /** [sets][M], or `null`: the density's own beta holds for all samples. */
  readonly setBeta: readonly (readonly number[])[] | null;
}

/**
 * The density of all samples together with those of its sets: what `density.json` says of them, and all their weights.
 *
 * @param cells the counts of all samples, and of their sets if there are any
 * @param momentum how batches follow each other; groups do not
 */
export async function withSets(
  density: Density,
  cells: CellCounts,
  rule: WeightRule,
  momentum: Momentum,
  breathe: Breathe,
): Promise<WeighedDensity> {
  if (cells.sets === undefined) return { density, setBeta: null };
  const { request, values, batchRows, counts } = cells.sets;
  const densities = await (request.kind === 'batches'
    ? batchDensities(counts, rule, momentum, breathe)
    : groupDensities(counts, rule, breathe));
  const described =
    request.kind === 'batches'
      ? { batches: batchesOf(request, momentum, batchRows, densities, density.task) }
      : { groups: groupsOf(request.column, values, densities, density.task) };
  const name = weightedLossOf(density.task);
  const mean = density.loss[name] === null ? null : meanSetLoss(densities);
  const loss = { ...density.loss, [name]: mean };
  const bound = mean === null ? null : weightedLossBound(densities, lossDoubts(cells, partitionOf(cells)));
  const lossErrorBound = { ...density.lossErrorBound, [name]: bound };
  return { density: { ...density, loss, lossErrorBound, ...described }, setBeta: densities.beta };
}

function groupsOf(
  column: string,
  values: readonly number[],
  densities: SetDensities,
  task: Density['task'],
): NonNullable<Density['groups']> {
  const { total, ignored, validBins, counts, beta, meanWeight, loss } = densities;
  return { column, values, total, ignored, validBins, counts, beta, meanWeight, loss: named(task, loss) };
}

/** The mean losses of sets under the names of the task. */
function named(task: Density['task'], { ce, ghmc }: SetDensities['loss']): SetLosses {
  const [plain] = lossesOf(task);
  return { [plain]: ce, [weightedLossOf(task)]: ghmc };
}

function batchesOf(
  request: SetRequest & { kind: 'batches' },
  { momentum, biasCorrection }: Momentum,
  rows: readonly number[],
  { total, validBins, meanWeight, loss }: SetDensities,
  task: Density['task'],
): NonNullable<Density['batches']> {
  const listed = <T>(list: readonly T[]): readonly T[] => list.slice(0, MOST_LISTED);
  return {
    by: request.by === 'rows' ? `rows:${request.rows}` : `column:${request.column}`,
    ...(request.by === 'column' && { size: request.size }),
    momentum,
    biasCorrection,
    count: rows.length,
    rows: listed(rows),
    total: listed(total),
    validBins: listed(validBins),
    meanWeight: listed(meanWeight),
    loss: named(task, { ce: listed(loss.ce), ghmc: listed(loss.ghmc) }),
  };
}
