import type { Breathe } from '../breath.ts';
import { usageError } from '../errors.ts';
import { columnOf, type SetRequest } from '../options/set-options.ts';
import {
  batchStarts,
  planClasses,
  planColumnBatches,
  planGroups,
  planRowBatches,
  type SetPlan,
} from '../plan/row-sets.ts';
import { lowerBound, type Shard } from '../plan/shards.ts';
import type { Slice, SliceStarts } from '../plan/slices.ts';
import type { List } from '../shared-list/list.ts';
import type { Part, Row, RowRange } from '../sources/source.ts';
import { surveyBatches, surveyGroups } from '../sources/survey.ts';
import { openColumn } from './open-column.ts';

/** The sets of a stream, and the options that asked for them. */
export interface StreamSets extends SetPlan {
  readonly request: SetRequest;
  /** Batches of the whole stream that come before those of this slice of it. */
  readonly batchesBefore: number;
  /** Batches of the whole stream. */
  readonly batchesInAll: number;
}

/** Where the batches of a whole stream begin; `any` where it has none: groups take no notice of rows. */
export async function batchStartsOf(
  parts: Iterable<Part>,
  request: SetRequest | null,
  breathe: Breathe,
): Promise<SliceStarts> {
  if (request?.kind !== 'batches') return 'any';
  if (request.by === 'rows') return { every: request.rows };
  return { rows: batchStarts(await surveyBatches(parts, request.column, openColumn, breathe), request.size) };
}

/** What the sets of a slice are planned from. */
interface SlicedStream {
  /** All parts of the stream. */
  readonly all: List<Part>;
  readonly slice: Slice;
  readonly starts: SliceStarts;
  /** Those of the slice, with their rows in it. */
  readonly parts: Iterable<Part & RowRange>;
  readonly shards: readonly Shard[];
}

/** Reads what has to be read of the column to know the sets and where they are. */
export async function planSets(stream: SlicedStream, request: SetRequest, breathe: Breathe): Promise<StreamSets> {
  if (request.kind === 'batches') return { request, ...planBatches(stream) };
  return { request, ...(await planGroupsOf(stream, columnOf(request), breathe)), batchesBefore: 0, batchesInAll: 0 };
}

function planBatches({ all, slice, starts, parts, shards }: SlicedStream): Omit<StreamSets, 'request'> {
  const rows = all.reduce((sum, part) => sum + part.rows, 0);
  if (starts === 'any') throw new RangeError('batches begin somewhere');
  if ('every' in starts) {
    const plan = planRowBatches(parts, shards, starts.every);
    return {
      ...plan,
      batchesBefore: Math.ceil(slice.firstRow / starts.every),
      batchesInAll: Math.ceil(rows / starts.every),
    };
  }
  const before = (row: Row): number => lowerBound(starts.rows, row);
  const firstRows = starts.rows.slice(before(slice.firstRow), before(slice.endRow));
  const plan = planColumnBatches(
    parts,
    shards,
    firstRows.map((row) => row - slice.firstRow),
  );
  return { ...plan, batchesBefore: before(slice.firstRow), batchesInAll: starts.rows.length };
}

async function planGroupsOf(
  { all, parts, shards }: SlicedStream,
  column: string | null,
  breathe: Breathe,
): Promise<SetPlan> {
  if (column !== null) {
    const runs = await surveyGroups(parts, column, openColumn, undefined, breathe);
    return planGroups(parts, shards, column, runs);
  }
  if (all.some(({ targets }) => targets === 'softmax')) {
    throw usageError('--group class: a softmax has one sample a row, whose logits are all classes; group by a column');
  }
  return planClasses(parts, shards);
}
