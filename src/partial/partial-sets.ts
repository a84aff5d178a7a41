import type { Grid } from '../density/cells.ts';
import type { CountedSets } from '../density/counted-sets.ts';
import { emptySetCounts, type SetCounts } from '../density/set-counts.ts';
import { slotsOf } from '../density/set-lines.ts';
import { inputError } from '../errors.ts';
import type { SetRequest } from '../options/set-options.ts';

/** The counters of sets that are not 0, as a partial holds them. */
export interface SparseCounters {
  /** Number of the set times slots, plus the slot: M regions, samples beyond measure, samples left out. Ascending. */
  readonly at: readonly number[];
  readonly samples: readonly number[];
  /** Sum of the losses in units of the region, in two halves of 32 bits: it may be above 2^53. */
  readonly lossHigh: readonly number[];
  readonly lossLow: readonly number[];
}

/** Batches or groups in a partial. At most one of the two is there. */
export interface PartialSets {
  readonly groups?: { readonly column: string; readonly values: readonly number[]; readonly counters: SparseCounters };
  readonly batches?: {
    /** `rows:N` or `column:NAME`, of which `size` values make a batch. */
    readonly by: string;
    readonly size?: number | undefined;
    /** Rows of each batch, in stream order. */
    readonly rows: readonly number[];
    readonly counters: SparseCounters;
  };
}

/** What a partial says of its sets; nothing where it has none. */
export function encodeSets(sets: CountedSets | undefined): PartialSets {
  if (sets === undefined) return {};
  const { request, values, batchRows } = sets;
  const counters = sparse(sets.counts);
  if (request.kind === 'groups') return { groups: { column: request.column, values, counters } };
  return request.by === 'rows'
    ? { batches: { by: `rows:${request.rows}`, rows: batchRows, counters } }
    : { batches: { by: `column:${request.column}`, size: request.size, rows: batchRows, counters } };
}

function sparse({ samples, losses }: SetCounts): SparseCounters {
  const halves = new Uint32Array(losses.buffer, losses.byteOffset, 2 * losses.length);
  const at: number[] = [];
  for (const [i, count] of samples.entries()) if (count > 0) at.push(i);
  return {
    at,
    samples: at.map((i) => samples[i]),
    lossHigh: at.map((i) => halves[2 * i + 1]),
    lossLow: at.map((i) => halves[2 * i]),
  };
}

/** @throws inputError, naming the file, where counters do not fit their sets, or do not add up to `total` samples */
export function decodeSets(
  { groups, batches }: PartialSets,
  grid: Pick<Grid, 'bins' | 'scale'>,
  total: number,
  name: string,
): CountedSets | undefined {
  if (groups) {
    if (groups.values.some((value, i) => i > 0 && value <= groups.values[i - 1])) {
      throw inputError(`${name}: groups out of order`);
    }
    const counts = dense(groups.counters, grid, groups.values.length, total, name);
    return { request: { kind: 'groups', column: groups.column }, batchRows: [], values: groups.values, counts };
  }
  if (!batches) return undefined;
  const counts = dense(batches.counters, grid, batches.rows.length, total, name);
  return { request: requestOf(batches), batchRows: batches.rows, values: [], counts };
}

function requestOf({ by, size }: NonNullable<PartialSets['batches']>): SetRequest {
  const [kind, value] = [by.slice(0, by.indexOf(':')), by.slice(by.indexOf(':') + 1)];
  return kind === 'rows'
    ? { kind: 'batches', by: 'rows', rows: Number(value) }
    : { kind: 'batches', by: 'column', column: value, size: size ?? 1 };
}

/** A gigabyte of samples: more than weights could be made of. A small file may ask for any number of them. */
const MOST_COUNTERS = 2 ** 27;

function dense(
  counters: SparseCounters,
  grid: Pick<Grid, 'bins' | 'scale'>,
  sets: number,
  total: number,
  name: string,
): SetCounts {
  const { at, samples, lossHigh, lossLow } = counters;
  if (sets * slotsOf(grid.bins) > MOST_COUNTERS) {
    throw inputError(
      `${name}: ${sets} batches or groups of ${grid.bins} regions have more than ${MOST_COUNTERS} counters, too many to be weighed; ` +
        'count with fewer --bins',
    );
  }
  const counts = emptySetCounts(grid, sets);
  const halves = new Uint32Array(counts.losses.buffer);
  if ([samples, lossHigh, lossLow].some((list) => list.length !== at.length)) {
    throw inputError(`${name}: ${at.length} counters of sets, but ${samples.length} counts`);
  }
  let counted = 0;
  for (const [k, i] of at.entries()) {
    if (i >= counts.samples.length || (k > 0 && i <= at[k - 1]))
      throw inputError(`${name}: no counter of a set at ${i}`);
    counts.samples[i] = samples[k];
    halves[2 * i] = lossLow[k];
    halves[2 * i + 1] = lossHigh[k];
    if (i % slotsOf(grid.bins) <= grid.bins) counted += samples[k];
  }
  if (counted !== total) throw inputError(`${name}: says ${total} samples, its sets hold ${counted}`);
  return counts;
}
