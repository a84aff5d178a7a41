import { inputError } from '../src/errors.ts';
import { elementReader } from '../src/sources/elements.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import type { ArraySource, Part, ReadableArray, Row } from '../src/sources/source.ts';
import { DTYPE_BYTES, isWidened } from '../src/sources/source.ts';
import { type Address, KERNEL_DTYPE } from './kernel-interface.ts';
import type { WorkerState } from './worker-state.ts';

/** Readers of the arrays of one part. */
export interface OpenPart {
  readonly part: Part<ReadableArray>;
  readonly logits: RowReader;
  readonly labels: RowReader;
  readonly labelWeights: RowReader | null;
}

/** A chunk in memory, in the form the kernels read: `codes` one a sample, or `classes` one a row. */
export interface Chunk {
  readonly samples: number;
  readonly rows: number;
  readonly width: number;
  readonly logits: Address;
  readonly targets:
    | { readonly kind: 'codes'; readonly at: Address }
    | { readonly kind: 'classes'; readonly at: Address };
}

/** Reads rows [firstRow, firstRow + rows) of a part into the worker's arena. */
export function loadChunk(state: WorkerState, open: OpenPart, firstRow: Row, rows: number): Chunk {
  const { part } = open;
  const { arena } = state;
  const samples = rows * part.classes;
  loadLogits(state, open, firstRow, rows);
  const shape = { samples, rows, width: part.classes, logits: arena.logits };
  if (part.targets === 'binary') {
    const bad = loadBinary(state, open, firstRow, rows);
    throwEarliest(bad, maskCodes(state, open, firstRow, rows));
    return { ...shape, targets: { kind: 'codes', at: arena.codes } };
  }
  const bad = loadClasses(state, open, firstRow, rows);
  if (part.labelWeights === null) {
    throwEarliest(bad);
    return { ...shape, targets: { kind: 'classes', at: arena.classes } };
  }
  if (part.labelWeights.columns === 1) {
    // a mask of the rows first, then the classes it leaves out
    state.bytes.fill(0, arena.codes, arena.codes + rows);
    throwEarliest(bad, applyWeights(state, open, firstRow, rows, 1));
    state.kernels.applyWeightsToClasses(arena.codes, rows, arena.classes);
    return { ...shape, targets: { kind: 'classes', at: arena.classes } };
  }
  if (bad === null) state.kernels.classCodes(arena.classes, rows, part.classes, arena.codes);
  throwEarliest(bad, maskCodes(state, open, firstRow, rows));
  return { ...shape, targets: { kind: 'codes', at: arena.codes } };
}

/** A label or weight that is not allowed. */
interface BadElement {
  readonly row: Row;
  readonly message: string;
}

/** Of what is wrong in a chunk, the first by row is reported: the same whatever the size of the chunk. */
function throwEarliest(...found: (BadElement | null)[]): void {
  const [first] = found.filter((bad) => bad !== null).sort((a, b) => a.row - b.row);
  if (first) throw inputError(first.message);
}

/** Reads raw elements to `at`, in this machine's byte order. */
function readElements(
  state: WorkerState,
  reader: RowReader,
  source: ArraySource,
  firstRow: Row,
  rows: number,
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

function loadLogits(state: WorkerState, open: OpenPart, firstRow: Row, rows: number): void {
  const { logits } = open.part;
  const { arena, kernels } = state;
  if (logits.dtype === state.kind) {
    readElements(state, open.logits, logits, firstRow, rows, arena.logits);
    return;
  }
  const n = readElements(state, open.logits, logits, firstRow, rows, arena.raw);
  if (logits.dtype === 'float64') kernels.demoteFloat64(arena.raw, n, arena.logits);
  else if (logits.dtype === 'bfloat16') kernels.widenBfloat16(arena.raw, n, arena.logits);
  else kernels.widenFloat16(arena.raw, n, arena.logits);
}

/** Reads labels or weights; 16-bit floats are widened. Returns where they lie and the dtype for the label kernels. */
function readLabels(
  state: WorkerState,
  reader: RowReader,
  source: ArraySource,
  firstRow: Row,
  rows: number,
): { at: Address; dtype: number; n: number } {
  const { arena, kernels } = state;
  const n = readElements(state, reader, source, firstRow, rows, arena.raw);
  const { dtype } = source;
  if (dtype === 'bfloat16') kernels.widenBfloat16(arena.raw, n, arena.labels);
  else if (dtype === 'float16') kernels.widenFloat16(arena.raw, n, arena.labels);
  else return { at: arena.raw, dtype: KERNEL_DTYPE[dtype], n };
  return { at: arena.labels, dtype: KERNEL_DTYPE.float32, n };
}

function loadBinary(state: WorkerState, open: OpenPart, firstRow: Row, rows: number): BadElement | null {
  const { labels, ignoreLabel, classes } = open.part;
  const { codes } = state.arena;
  if (DTYPE_BYTES[labels.dtype] === 1) {
    // one-byte labels are read where the codes belong: most are their own codes
    const n = readElements(state, open.labels, labels, firstRow, rows, codes);
    if (state.kernels.binaryCodes(KERNEL_DTYPE[labels.dtype as 'uint8'], codes, n, ignoreLabel, codes) < 0) return null;
  }
  const { at, dtype, n } = readLabels(state, open.labels, labels, firstRow, rows);
  const bad = state.kernels.binaryCodes(dtype, at, n, ignoreLabel, codes);
  if (bad < 0) return null;
  const found = elementAt(state, at, labels, bad);
  const soft =
    found > 0 && found < 1 ? 'soft targets are not supported yet' : 'use --label-format index for class indices';
  const row = firstRow + Math.floor(bad / classes);
  const message =
    `${labels.name}: row ${row}${classColumn(classes, bad)}: expected a binary label 0 or 1 ` +
    `(or the ignore label ${ignoreLabel}), found ${found}; ${soft}`;
  return { row, message };
}

function loadClasses(state: WorkerState, open: OpenPart, firstRow: Row, rows: number): BadElement | null {
  const { labels, indexing, classes, ignoreLabel } = open.part;
  const { at, dtype } = readLabels(state, open.labels, labels, firstRow, rows);
  const { firstForeground, background } = indexing;
  const bad = state.kernels.rowClasses(
    dtype,
    at,
    rows,
    firstForeground,
    classes,
    background,
    ignoreLabel,
    state.arena.classes,
  );
  if (bad < 0) return null;
  const row = firstRow + bad;
  const message =
    `${labels.name}: row ${row}: expected a class ${firstForeground}..${firstForeground + classes - 1}, ` +
    `${background} (background) or ${ignoreLabel} (ignored), found ${elementAt(state, at, labels, bad)}; ` +
    'see --background-label, --ignore-label and --label-base';
  return { row, message };
}

function maskCodes(state: WorkerState, open: OpenPart, firstRow: Row, rows: number): BadElement | null {
  const { labelWeights, classes } = open.part;
  return labelWeights && applyWeights(state, open, firstRow, rows, labelWeights.columns === 1 ? classes : 1);
}

/** Leaves out the codes whose weight is not positive; one weight for `width` codes. */
function applyWeights(
  state: WorkerState,
  open: OpenPart,
  firstRow: Row,
  rows: number,
  width: number,
): BadElement | null {
  const { labelWeights } = open.part;
  if (labelWeights === null || open.labelWeights === null) return null;
  const { at, dtype, n } = readLabels(state, open.labelWeights, labelWeights, firstRow, rows);
  const bad = state.kernels.applyWeightsToCodes(dtype, at, n, state.arena.codes, width);
  if (bad < 0) return null;
  const { columns } = labelWeights;
  const row = firstRow + Math.floor(bad / columns);
  return {
    row,
    message: `${labelWeights.name}: row ${row}${classColumn(columns, bad)}: expected a label weight, found NaN`,
  };
}

const classColumn = (columns: number, element: number): string => (columns > 1 ? `, class ${element % columns}` : '');

/** One label for a message; 16-bit floats lie widened. */
function elementAt(state: WorkerState, at: Address, { dtype }: ArraySource, i: number): number {
  const inMemory = { dtype: isWidened(dtype) ? 'float32' : dtype, bigEndian: false } as const;
  return elementReader(inMemory, state.bytes.subarray(at))(i);
}
