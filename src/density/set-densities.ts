import type { Breathe } from '../breath.ts';
import { type Momentum, MovingCounts } from './moving-counts.ts';
import { regionWeights, type WeightRule } from './region-weights.ts';
import { type SetCounts, setRow } from './set-counts.ts';

/** The density of each of many sets, one row a set, in the order of the sets. */
export interface SetDensities {
  /** [M] R_j of each set. */
  readonly counts: readonly (readonly number[])[];
  /** [M] weights of each set. */
  readonly beta: readonly (readonly number[])[];
  /** N of each set; 0 where all of it is left out. */
  readonly total: readonly number[];
  readonly ignored: readonly number[];
  readonly validBins: readonly number[];
  /** Mean weight over a set's counted samples; 0 without any. */
  readonly meanWeight: readonly number[];
  /** Mean cross entropy and GHM-C loss over a set's counted samples; `null` without any, or where it is too large to sum. */
  readonly loss: { readonly ce: readonly (number | null)[]; readonly ghmc: readonly (number | null)[] };
}

/** Groups: each set its own density, unit regions of its own counts. */
export const groupDensities = (counts: SetCounts, rule: WeightRule, breathe: Breathe): Promise<SetDensities> =>
  densitiesOf(counts, rule, (regions) => regions, breathe);

/** Batches, in stream order: each weighed by the moving average of the counts up to its own. */
export function batchDensities(
  counts: SetCounts,
  rule: WeightRule,
  momentum: Momentum,
  breathe: Breathe,
): Promise<SetDensities> {
  const moving = new MovingCounts(counts.bins, momentum);
  return densitiesOf(counts, rule, (regions) => moving.next(regions), breathe);
}

async function densitiesOf(
  counts: SetCounts,
  rule: WeightRule,
  crowdsOf: (regions: readonly number[]) => readonly number[],
  breathe: Breathe,
): Promise<SetDensities> {
  const rowOf = (set: number) => {
    const row = setRow(counts, set);
    const beta = regionWeights(row.counts, crowdsOf(row.counts), rule);
    return { ...row, beta, ...meansOf(row.counts, row.losses, beta, row.total) };
  };
  const rows: ReturnType<typeof rowOf>[] = [];
  for (let set = 0; set < counts.sets; set++) {
    rows.push(rowOf(set));
    await breathe();
  }
  return {
    counts: rows.map((row) => row.counts),
    beta: rows.map((row) => row.beta),
    total: rows.map((row) => row.total),
    ignored: rows.map((row) => row.ignored),
    validBins: rows.map((row) => row.counts.filter((count) => count > 0).length),
    meanWeight: rows.map((row) => row.meanWeight),
    loss: { ce: rows.map((row) => row.ce), ghmc: rows.map((row) => row.ghmc) },
  };
}

function meansOf(
  counts: readonly number[],
  losses: readonly number[] | null,
  beta: readonly number[],
  total: number,
): { meanWeight: number; ce: number | null; ghmc: number | null } {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value, j) => sum + value * beta[j], 0) / total;
  if (total === 0) return { meanWeight: 0, ce: null, ghmc: null };
  return {
    meanWeight: mean(counts),
    ce: losses && losses.reduce((sum, loss) => sum + loss, 0) / total,
    ghmc: losses && mean(losses),
  };
}

/** Mean GHM-C loss over the counted samples of all sets; `null` where that of one is. */
export function meanSetLoss({ total, loss }: Pick<SetDensities, 'total' | 'loss'>): number | null {
  let sum = 0;
  let samples = 0;
  for (const [set, count] of total.entries()) {
    if (count === 0) continue;
    const mean = loss.ghmc[set];
    if (mean === null) return null;
    sum += count * mean;
    samples += count;
  }
  return samples === 0 ? null : sum / samples;
}

/**
 * The most by which `meanSetLoss` is off.
 *
 * @param doubts [M] the most by which the loss of one sample of each region is off
 */
export function weightedLossBound(
  { total, counts, beta }: Pick<SetDensities, 'total' | 'counts' | 'beta'>,
  doubts: Float64Array,
): number {
  let sum = 0;
  for (const [set, regions] of counts.entries()) {
    for (const [region, count] of regions.entries()) sum += count * beta[set][region] * doubts[region];
  }
  return sum / total.reduce((samples, count) => samples + count, 0);
}
