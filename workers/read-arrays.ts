import { inputError } from '../src/errors.ts';
import { elementReader } from '../src/sources/elements.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import {
  type ArraySource,
  DTYPE_BYTES,
  isWidened,
  type Part,
  type ReadableArray,
  type Row,
} from '../src/sources/source.ts';
import { type Address, KERNEL_DTYPE } from './kernel-interface.ts';
import type { WorkerState } from './worker-state.ts';

/** Readers of the arrays of one part. */
export interface OpenPart {
  readonly part: Part<ReadableArray>;
  readonly logits: RowReader;
  readonly labels: RowReader;
  readonly labelWeights: RowReader | null;
}

/** Consecutive rows of a part. */
export interface RowRange {
  readonly firstRow: Row;
  readonly rows: number;
}

/** A label or weight that is not allowed. */
export interface BadElement {
  readonly row: Row;
  readonly message: string;
}

/** Of what is wrong in a chunk, the first by row is reported: the same whatever the size of the chunk. */
export function throwEarliest(...found: (BadElement | null)[]): void {
  const [first] = found.filter((bad) => bad !== null).sort((a, b) => a.row - b.row);
  if (first) throw inputError(first.message);
}

/** Reads raw elements to `at`, in this machine's byte order. */
export function readElements(
  state: WorkerState,
  reader: RowReader,
  source: ArraySource,
  { firstRow, rows }: RowRange,
  at: Address,
): number {
  const bytes = DTYPE_BYTES[source.dtype];
  const n = rows * source.columns;
  reader.read(firstRow, state.bytes.subarray(at, at + n * bytes));
  if (source.bigEndian) {
    if (bytes === 2) state.kernels.swapBytes16(at, n);
    if (bytes === 4) state.kernels.swapBytes32(at, n);
    if (bytes === 8) state.kernels.swapBytes64(at, n);
  }
  return n;
}

/** Reads floats as float32 to `to`: 16-bit ones widened, float64 rounded. */
export function readFloat32(
  state: WorkerState,
  reader: RowReader,
  source: ArraySource,
  range: RowRange,
  to: Address,
): number {
  const { arena, kernels } = state;
  if (source.dtype === 'float32') return readElements(state, reader, source, range, to);
  const n = readElements(state, reader, source, range, arena.raw);
  if (source.dtype === 'float64') kernels.demoteFloat64(arena.raw, n, to);
  else if (source.dtype === 'bfloat16') kernels.widenBfloat16(arena.raw, n, to);
  else kernels.widenFloat16(arena.raw, n, to);
  return n;
}

/** Elements as they lie in memory: where, and of which dtype for the kernels. */
export interface Elements {
  readonly at: Address;
  readonly dtype: number;
  readonly n: number;
}

/** Reads labels or weights; 16-bit floats are widened. */
export function readLabels(state: WorkerState, reader: RowReader, source: ArraySource, range: RowRange): Elements {
  const { arena } = state;
  const { dtype } = source;
  if (isWidened(dtype)) {
    const n = readFloat32(state, reader, source, range, arena.labels);
    return { at: arena.labels, dtype: KERNEL_DTYPE.float32, n };
  }
  return { at: arena.raw, dtype: KERNEL_DTYPE[dtype], n: readElements(state, reader, source, range, arena.raw) };
}

/** Sets code 2 where the weight of a sample, or of its row, is not positive. */
export function maskCodes(state: WorkerState, open: OpenPart, range: RowRange): BadElement | null {
  const { labelWeights, classes } = open.part;
  return labelWeights && applyWeights(state, open, range, labelWeights.columns === 1 ? classes : 1);
}

/** Leaves out the samples whose numbers, as last read, are null. */
export function maskNulls(state: WorkerState, reader: RowReader): void {
  for (const i of nullsOf(reader)) state.bytes[state.arena.codes + i] = 2;
}

/** Numbers of the elements, as last read, that are null. */
export const nullsOf = (reader: RowReader): readonly number[] => reader.nulls?.() ?? [];

/** Leaves out the codes whose weight is not positive; one weight for `width` codes. */
export function applyWeights(state: WorkerState, open: OpenPart, range: RowRange, width: number): BadElement | null {
  const { labelWeights, targets } = open.part;
  if (labelWeights === null || open.labelWeights === null) return null;
  const { at, dtype, n } = readLabels(state, open.labelWeights, labelWeights, range);
  const bad = state.kernels.applyWeightsToCodes(dtype, at, n, state.arena.codes, width);
  if (bad < 0) return null;
  const { columns, name } = labelWeights;
  const row = range.firstRow + Math.floor(bad / columns);
  const [what, column] = targets === 'boxes' ? ['box', 'column'] : ['label', 'class'];
  const place = columns > 1 ? `, ${column} ${bad % columns}` : '';
  return { row, message: `${name}: row ${row}${place}: expected a ${what} weight, found NaN` };
}

/** `, class 3` where a row has several. */
export const classColumn = (columns: number, element: number): string =>
  columns > 1 ? `, class ${element % columns}` : '';

/** One label for a message; 16-bit floats lie widened. */
export function elementAt(state: WorkerState, at: Address, { dtype }: ArraySource, i: number): number {
  const inMemory = { dtype: isWidened(dtype) ? 'float32' : dtype, bigEndian: false } as const;
  return elementReader(inMemory, state.bytes.subarray(at))(i);
}
