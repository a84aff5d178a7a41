import { type Breathe, breathing } from '../breath.ts';
import { inputError } from '../errors.ts';
import { type ColumnPart, eachRun, type OpenReader, type RunListener } from './column-runs.ts';
import type { Row } from './source.ts';

/** What a column holds, from one reading of it. */
export interface ColumnRuns {
  /** Every value once, ascending. */
  readonly values: readonly number[];
  /** First row of each run of equal values, in stream order; `null` where there are too many runs to keep. */
  readonly firstRows: readonly Row[] | null;
  /** The value of each run that is kept. */
  readonly runValues: readonly number[];
}

/** Runs that are kept, 12 bytes each; beyond, workers look every row's value up. */
const MOST_RUNS = 1 << 20;
const SEEN_VALUES = 1 << 20;

/** The values of a column of any order. */
export async function surveyGroups(
  parts: Iterable<ColumnPart>,
  name: string,
  open: OpenReader,
  mostRuns = MOST_RUNS,
  breathe: Breathe = breathing(),
): Promise<ColumnRuns> {
  const values = new Set<number>();
  // a table is faster than a set, for values that it has room for
  const seen = new Uint8Array(SEEN_VALUES);
  const firstRows: number[] = [];
  const runValues: number[] = [];
  let runs = 0;
  const visit: RunListener = (value, firstRow) => {
    if (seen[value] !== 1) {
      values.add(value);
      seen[value] = 1;
    }
    if (runs++ >= mostRuns) return;
    firstRows.push(firstRow);
    runValues.push(value);
  };
  await eachRun(parts, name, open, visit, breathe);
  return {
    values: [...values].sort((a, b) => a - b),
    firstRows: runs > mostRuns ? null : firstRows,
    runValues,
  };
}

/**
 * The runs of a column by which rows come in batches.
 *
 * @throws inputError, naming file and row, where a value comes back after another one
 */
export async function surveyBatches(
  parts: Iterable<ColumnPart>,
  name: string,
  open: OpenReader,
  breathe: Breathe = breathing(),
): Promise<ColumnRuns & { readonly firstRows: readonly Row[] }> {
  const values = new Set<number>();
  const firstRows: number[] = [];
  const runValues: number[] = [];
  const visit: RunListener = (value, firstRow, column, rowInFile) => {
    if (values.has(value)) {
      throw inputError(
        `${column.name}: row ${rowInFile}: ${name} ${value} comes back after ${runValues.at(-1)}; ` +
          `expected the rows of each ${name} together, as batches follow the stream. Sort the rows, or use --batch rows:N`,
      );
    }
    values.add(value);
    firstRows.push(firstRow);
    runValues.push(value);
  };
  await eachRun(parts, name, open, visit, breathe);
  return { values: runValues.toSorted((a, b) => a - b), firstRows, runValues };
}
