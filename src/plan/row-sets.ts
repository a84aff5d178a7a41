import type { Part, Row, RowRange } from '../sources/source.ts';
import type { ColumnRuns } from '../sources/survey.ts';
import type { Shard } from './shards.ts';

/**
 * Which set each sample belongs to. Plain data: it crosses to the workers. Rows are those of the stream, or of the slice of it
 * that a run does.
 */
export type RowSets =
  /** The column of the sample. */
  | { readonly kind: 'columns' }
  /** Row number / `rowsPerSet`. */
  | { readonly kind: 'rows'; readonly rowsPerSet: number }
  /** Run r begins at `firstRows[r]` and is of set `sets[r]`. */
  | { readonly kind: 'runs'; readonly firstRows: Float64Array; readonly sets: Uint32Array }
  /** The place of the row's value among `values`, ascending: the column is read again. */
  | { readonly kind: 'lookup'; readonly column: string; readonly values: Float64Array };

/** The sets of a stream, and where they are. */
export interface SetPlan {
  /** How many there are; their numbers are 0 to `sets - 1`. */
  readonly sets: number;
  readonly rowSets: RowSets;
  /** Number in the stream of each part's first row; below 0 where a slice begins within the part. */
  readonly firstRows: readonly Row[];
  /** The sets that each shard touches: `first` to `first + count - 1`. */
  readonly shardSets: readonly SetRange[];
  /** Rows of each batch; the values of the groups. */
  readonly batchRows: readonly number[];
  readonly values: readonly number[];
}

export interface SetRange {
  readonly first: number;
  readonly count: number;
}

type PartShape = Pick<Part, 'rows' | 'classes'> & Partial<RowRange>;

const rowsIn = ({ rows, firstRow = 0, endRow = rows }: PartShape): number => endRow - firstRow;

function rowsOf(parts: Iterable<PartShape>): number {
  let rows = 0;
  for (const part of parts) rows += rowsIn(part);
  return rows;
}

/** Batches of `rowsPerSet` rows, through all parts; the last one may be short. */
export function planRowBatches(parts: Iterable<PartShape>, shards: readonly Shard[], rowsPerSet: number): SetPlan {
  const rows = rowsOf(parts);
  const sets = Math.ceil(rows / rowsPerSet);
  const batchRows = Array.from({ length: sets }, (_, i) => Math.min(rowsPerSet, rows - i * rowsPerSet));
  return planned(parts, shards, { sets, rowSets: { kind: 'rows', rowsPerSet }, batchRows, values: [] });
}

/** The first rows of batches of `size` values of a column, each value one run. */
export const batchStarts = ({ firstRows }: { readonly firstRows: readonly Row[] }, size: number): readonly Row[] =>
  firstRows.filter((_, run) => run % size === 0);

/** Batches that begin at these rows. */
export function planColumnBatches(
  parts: Iterable<PartShape>,
  shards: readonly Shard[],
  firstRows: readonly Row[],
): SetPlan {
  const rows = rowsOf(parts);
  const batchRows = firstRows.map((row, i) => (firstRows[i + 1] ?? rows) - row);
  const rowSets = {
    kind: 'runs',
    firstRows: Float64Array.from(firstRows),
    sets: Uint32Array.from(firstRows, (_, i) => i),
  } as const;
  return planned(parts, shards, { sets: firstRows.length, rowSets, batchRows, values: [] });
}

/** A group for each value of a column. */
export function planGroups(
  parts: Iterable<PartShape>,
  shards: readonly Shard[],
  column: string,
  { values, firstRows, runValues }: ColumnRuns,
): SetPlan {
  const place = new Map(values.map((value, i) => [value, i]));
  const rowSets: RowSets =
    firstRows === null
      ? { kind: 'lookup', column, values: Float64Array.from(values) }
      : {
          kind: 'runs',
          firstRows: Float64Array.from(firstRows),
          sets: Uint32Array.from(runValues, (value) => place.get(value) ?? 0),
        };
  return planned(parts, shards, { sets: values.length, rowSets, batchRows: [], values });
}

/** A group for each class. */
export function planClasses(parts: Iterable<PartShape>, shards: readonly Shard[]): SetPlan {
  let sets = 0;
  for (const { classes } of parts) sets = Math.max(sets, classes);
  const values = Array.from({ length: sets }, (_, i) => i);
  return planned(parts, shards, { sets, rowSets: { kind: 'columns' }, batchRows: [], values });
}

function planned(
  parts: Iterable<PartShape>,
  shards: readonly Shard[],
  plan: Pick<SetPlan, 'sets' | 'rowSets' | 'batchRows' | 'values'>,
): SetPlan {
  const firstRows: number[] = [];
  let rows = 0;
  for (const part of parts) {
    firstRows.push(rows - (part.firstRow ?? 0));
    rows += rowsIn(part);
  }
  const shardSets = shards.map(({ segments }) => {
    const [head] = segments;
    const tail = segments[segments.length - 1];
    return setsBetween(
      plan,
      firstRows[head.part] + head.firstRow,
      firstRows[tail.part] + tail.firstRow + tail.rows - 1,
    );
  });
  return { ...plan, firstRows, shardSets };
}

/** The sets of the rows `first` to `last`. */
function setsBetween({ sets, rowSets }: Pick<SetPlan, 'sets' | 'rowSets'>, first: Row, last: Row): SetRange {
  switch (rowSets.kind) {
    case 'rows': {
      const from = Math.floor(first / rowSets.rowsPerSet);
      return { first: from, count: Math.floor(last / rowSets.rowsPerSet) - from + 1 };
    }
    case 'runs': {
      const from = runOf(rowSets.firstRows, first);
      let lowest = rowSets.sets[from];
      let highest = lowest;
      for (let run = from + 1; run < rowSets.sets.length && rowSets.firstRows[run] <= last; run++) {
        lowest = Math.min(lowest, rowSets.sets[run]);
        highest = Math.max(highest, rowSets.sets[run]);
      }
      return { first: lowest, count: highest - lowest + 1 };
    }
    default:
      return { first: 0, count: sets };
  }
}

/** Number of the run that holds a row. */
export function runOf(firstRows: Float64Array, row: Row): number {
  let low = 0;
  let high = firstRows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (firstRows[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
