import type { RowReader } from '../src/sources/row-reader.ts';
import type { ArraySource } from '../src/sources/source.ts';
import { type Address, KERNEL_DTYPE } from './kernel-interface.ts';
import {
  applyWeights,
  type BadElement,
  classColumn,
  elementAt,
  maskCodes,
  maskNulls,
  nullsOf,
  type OpenPart,
  type RowRange,
  readElements,
  readFloat32,
  readLabels,
  throwEarliest,
} from './read-arrays.ts';
import type { WorkerState } from './worker-state.ts';

// Tasks whose counted number is computed: it is put where logits are, as float32, with codes 0 and 2.

/** Predictions and targets as they lie in memory, n of each: predictions in the operand. */
export interface ReadBoxes {
  readonly n: number;
  /** Bytes of a prediction, and of a target. */
  readonly predictionBytes: 4 | 8;
  readonly targetBytes: 4 | 8;
  readonly targets: Address;
}

/** GHM-R: the distances of predictions to their targets. The predictions stay in the operand. */
export function loadBoxes(state: WorkerState, open: OpenPart, range: RowRange): void {
  const { arena, kernels } = state;
  const { n, predictionBytes, targetBytes, targets } = readBoxes(state, open, range);
  if (predictionBytes === 4 && targetBytes === 4) {
    kernels.distancesOfFloat32(arena.operand, targets, n, arena.logits);
  } else {
    kernels.distancesOfFloat64(arena.operand, predictionBytes, targets, targetBytes, n, arena.logits);
  }
}

/** Reads predictions, targets and codes. */
export function readBoxes(state: WorkerState, open: OpenPart, range: RowRange): ReadBoxes {
  const { arena, bytes } = state;
  const { logits: predictions, classes } = open.part;
  const n = range.rows * classes;
  bytes.fill(0, arena.codes, arena.codes + n);
  throwEarliest(maskCodes(state, open, range));
  const predictionBytes = readPredictions(state, open.logits, predictions, range);
  const { at: targets, dtype } = readLabels(state, open.labels, open.part.labels, range);
  for (const reader of [open.logits, open.labels]) maskNulls(state, reader);
  return { n, predictionBytes, targetBytes: dtype === KERNEL_DTYPE.float64 ? 8 : 4, targets };
}

/** Bytes of an element in the operand. */
function readPredictions(state: WorkerState, reader: RowReader, source: ArraySource, range: RowRange): 4 | 8 {
  const { operand } = state.arena;
  if (source.dtype === 'float64') {
    readElements(state, reader, source, range, operand);
    return 8;
  }
  readFloat32(state, reader, source, range, operand);
  return 4;
}

/** Softmax: the margin of each row's class. The rows stay in the operand. */
export function loadSoftmax(state: WorkerState, open: OpenPart, range: RowRange): void {
  const { arena, kernels } = state;
  readSoftmax(state, open, range);
  kernels.softmaxMargins(arena.operand, arena.classes, range.rows, open.part.logits.columns, arena.logits, arena.codes);
}

/** Reads rows of float32 logits into the operand, and their classes, -2 where a row is left out. */
export function readSoftmax(state: WorkerState, open: OpenPart, range: RowRange): void {
  const { arena, kernels, bytes } = state;
  const { logits, labelWeights } = open.part;
  const { rows } = range;
  const bad = readSoftmaxClasses(state, open, range);
  if (labelWeights === null) {
    throwEarliest(bad);
  } else {
    bytes.fill(0, arena.codes, arena.codes + rows);
    throwEarliest(bad, applyWeights(state, open, range, 1));
    kernels.applyWeightsToClasses(arena.codes, rows, arena.classes);
  }
  readFloat32(state, open.logits, logits, range, arena.operand);
  const classes = new Int32Array(state.memory.buffer, arena.classes, rows);
  for (const i of nullsOf(open.logits)) classes[Math.floor(i / logits.columns)] = -2;
}

function readSoftmaxClasses(state: WorkerState, open: OpenPart, { firstRow, rows }: RowRange): BadElement | null {
  const { labels, logits, ignoreLabel } = open.part;
  const { columns } = logits;
  const { at, dtype } = readLabels(state, open.labels, labels, { firstRow, rows });
  // no number is background beside the classes: the ignored label stands in for it
  const bad = state.kernels.rowClasses(dtype, at, rows, 0, columns, ignoreLabel, ignoreLabel, state.arena.classes);
  if (bad < 0) return null;
  const message =
    `${labels.name}: row ${firstRow + bad}: expected a class 0..${columns - 1}, the background among them, or ` +
    `${ignoreLabel} (ignored), found ${elementAt(state, at, labels, bad)}; see --ignore-label`;
  return { row: firstRow + bad, message };
}

/** Soft targets: g where logits are. Returns where the targets and the losses are. */
export function loadSoft(state: WorkerState, open: OpenPart, range: RowRange): SoftChunk {
  const { arena, kernels } = state;
  const n = readSoft(state, open, range);
  // labels have been read: their place is free
  kernels.softNorms(arena.logits, arena.operand, n, arena.labels);
  return { target: arena.operand, loss: arena.labels };
}

/** f32 targets and losses, one a sample. */
export interface SoftChunk {
  readonly target: Address;
  readonly loss: Address;
}

/** Reads float32 logits, targets into the operand, and codes. Returns how many. */
export function readSoft(state: WorkerState, open: OpenPart, range: RowRange): number {
  const { arena } = state;
  const bad = readTargets(state, open, range, arena.operand);
  throwEarliest(bad, maskCodes(state, open, range));
  const n = readFloat32(state, open.logits, open.part.logits, range, arena.logits);
  maskNulls(state, open.logits);
  return n;
}

function readTargets(state: WorkerState, open: OpenPart, range: RowRange, to: Address): BadElement | null {
  const { labels, ignoreLabel, classes } = open.part;
  const { at, dtype, n } = readLabels(state, open.labels, labels, range);
  const bad = state.kernels.softTargets(dtype, at, n, ignoreLabel, to, state.arena.codes);
  if (bad < 0) return null;
  const row = range.firstRow + Math.floor(bad / classes);
  const message =
    `${labels.name}: row ${row}${classColumn(classes, bad)}: expected a soft target from 0 to 1 ` +
    `(or the ignore label ${ignoreLabel}), found ${elementAt(state, at, labels, bad)}`;
  return { row, message };
}
