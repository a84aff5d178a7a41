import { runOf } from '../src/plan/row-sets.ts';
import { itemOf } from '../src/shared-list/list.ts';
import { eachChange, plainIntegers } from '../src/sources/column-runs.ts';
import { changedMeanwhile } from '../src/sources/identity.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import { type ArraySource, DTYPE_BYTES, type Part, type ReadableArray, type Row } from '../src/sources/source.ts';
import type { Address } from './kernel-interface.ts';
import type { WorkerState } from './worker-state.ts';

/** The column of a part whose values are looked up row by row; `null` where the plan has it all. */
export function lookedUpColumn({ sets }: WorkerState, part: Part<ReadableArray>): ReadableArray | null {
  return sets?.rowSets.kind === 'lookup' ? part.columns[sets.rowSets.column] : null;
}

/**
 * Puts the set of each row of a chunk into the arena, for the kernels.
 *
 * @param firstRow row of the part
 * @param values reads the column that is looked up
 * @returns where they lie, u32 [rows]; 0 where there are no sets, or the set of a sample is its column
 */
export function loadRowSets(
  state: WorkerState,
  partNumber: number,
  firstRow: Row,
  rows: number,
  values: RowReader | null,
): Address {
  const { sets, arena, memory } = state;
  if (sets === null || sets.rowSets.kind === 'columns') return 0;
  const { rowSets } = sets;
  const start = sets.firstRows[partNumber] + firstRow;
  const to = new Uint32Array(memory.buffer, arena.rowSets, rows);
  if (rowSets.kind === 'rows') {
    for (let row = 0; row < rows; ) {
      const set = Math.floor((start + row) / rowSets.rowsPerSet);
      const end = (set + 1) * rowSets.rowsPerSet - start;
      to.fill(set, row, end);
      row = end;
    }
  } else if (rowSets.kind === 'runs') {
    const { firstRows, sets: runSets } = rowSets;
    for (let run = runOf(firstRows, start); run < runSets.length && firstRows[run] < start + rows; run++) {
      const next = run + 1 < runSets.length ? firstRows[run + 1] - start : rows;
      to.fill(runSets[run], Math.max(0, firstRows[run] - start), next);
    }
  } else {
    const column = itemOf(state.parts, partNumber).columns[rowSets.column];
    if (values) lookUp(state, column, values, firstRow, to);
  }
  return arena.rowSets;
}

/** Reads the column again and finds the set of each value. */
function lookUp(
  { arena, bytes, setOfValue }: WorkerState,
  column: ArraySource,
  values: RowReader,
  firstRow: Row,
  to: Uint32Array,
): void {
  const raw = bytes.subarray(arena.raw, arena.raw + to.length * DTYPE_BYTES[column.dtype]);
  values.read(firstRow, raw);
  const plain = plainIntegers(column, raw);
  if (plain && setOfValue.table) {
    const { places, lowest } = setOfValue.table;
    for (let row = 0; row < plain.length; row++) to[row] = known(places[plain[row] - lowest] ?? MISSING, column);
    return;
  }
  let set = 0;
  let from = 0;
  eachChange(column, raw, firstRow, null, (value, row) => {
    to.fill(set, from, row - firstRow);
    from = row - firstRow;
    set = known(setOfValue.of(value), column);
  });
  to.fill(set, from);
}

/** Place of a value that is not in the list. */
const MISSING = 0xffff_ffff;

/** @throws inputError for a value that the column did not have when the run was planned */
function known(place: number, column: ArraySource): number {
  if (place === MISSING) throw changedMeanwhile(column.name);
  return place;
}

/** Finds the place of a value in a list. */
export interface Places {
  of(value: number): number;
  /** Place of `value` at `value - lowest`, where values lie close enough together for a table. */
  readonly table: { readonly places: Uint32Array; readonly lowest: number } | null;
}

/** A table is used for values that lie as close together as this. */
const WIDEST_TABLE = 1 << 22;

/** @param values ascending; only these are looked up */
export function placesOf(values: Float64Array): Places {
  const lowest = values[0];
  const width = values[values.length - 1] - lowest + 1;
  if (width > WIDEST_TABLE) {
    const places = new Map(Array.from(values, (value, place) => [value, place]));
    return { of: (value) => places.get(value) ?? MISSING, table: null };
  }
  const places = new Uint32Array(width).fill(MISSING);
  for (const [place, value] of values.entries()) places[value - lowest] = place;
  return { of: (value) => places[value - lowest] ?? MISSING, table: { places, lowest } };
}
