import { DTYPE_BYTES } from '../src/sources/source.ts';
import { loadBoxes, loadSoft, loadSoftmax, type SoftChunk } from './derived-chunk.ts';
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

/** A chunk in memory, in the form the kernels read: `codes` one a sample, or `classes` one a row. */
export interface LoadedChunk {
  readonly samples: number;
  readonly rows: number;
  /** Samples a row. */
  readonly width: number;
  /** What is counted: the logits, or what was computed of them. */
  readonly logits: Address;
  readonly targets:
    | { readonly kind: 'codes'; readonly at: Address }
    | { readonly kind: 'classes'; readonly at: Address };
  /** Of soft targets. */
  readonly softTargets?: SoftChunk;
}

/** The same with the sets of its rows. */
export interface Chunk extends LoadedChunk {
  /** u32 [rows] set of each row; 0: a sample's set is its column, or there are none. */
  readonly rowSets: Address;
}

/** Reads rows of a part into the worker's arena. */
export function loadChunk(state: WorkerState, open: OpenPart, range: RowRange): LoadedChunk {
  const { part } = open;
  const { codes, classes, logits } = state.arena;
  const shape = { samples: range.rows * part.classes, rows: range.rows, width: part.classes, logits };
  const ofCodes = { ...shape, targets: { kind: 'codes', at: codes } } as const;
  const ofClasses = { ...shape, targets: { kind: 'classes', at: classes } } as const;
  switch (part.targets) {
    case 'binary':
      loadBinary(state, open, range);
      loadLogits(state, open, range);
      maskNulls(state, open.logits);
      return ofCodes;
    case 'index':
      return loadIndexed(state, open, range) ? ofCodes : ofClasses;
    case 'soft':
      return { ...ofCodes, softTargets: loadSoft(state, open, range) };
    case 'softmax':
      loadSoftmax(state, open, range);
      return ofCodes;
    case 'boxes':
      loadBoxes(state, open, range);
      return ofCodes;
  }
}

function loadLogits(state: WorkerState, open: OpenPart, range: RowRange): void {
  const { logits } = open.part;
  const to = state.arena.logits;
  if (state.kind === 'float16') readElements(state, open.logits, logits, range, to);
  else readFloat32(state, open.logits, logits, range, to);
}

/** Codes of one target a sample. */
function loadBinary(state: WorkerState, open: OpenPart, range: RowRange): void {
  throwEarliest(readBinary(state, open, range), maskCodes(state, open, range));
}

function readBinary(state: WorkerState, open: OpenPart, range: RowRange): BadElement | null {
  const { labels, ignoreLabel, classes } = open.part;
  const { codes } = state.arena;
  if (DTYPE_BYTES[labels.dtype] === 1) {
    // one-byte labels are read where the codes belong: most are their own codes
    const n = readElements(state, open.labels, labels, range, codes);
    if (state.kernels.binaryCodes(KERNEL_DTYPE[labels.dtype as 'uint8'], codes, n, ignoreLabel, codes) < 0) return null;
  }
  const { at, dtype, n } = readLabels(state, open.labels, labels, range);
  const bad = state.kernels.binaryCodes(dtype, at, n, ignoreLabel, codes);
  if (bad < 0) return null;
  const found = elementAt(state, at, labels, bad);
  const advice =
    found > 0 && found < 1 ? 'use --label-format soft for soft targets' : 'use --label-format index for class indices';
  const row = range.firstRow + Math.floor(bad / classes);
  const message =
    `${labels.name}: row ${row}${classColumn(classes, bad)}: expected a binary label 0 or 1 ` +
    `(or the ignore label ${ignoreLabel}), found ${found}; ${advice}`;
  return { row, message };
}

/** Logits, and classes of one index a row; or codes, where weights are one a sample or a logit is null. Returns whether it is codes. */
function loadIndexed(state: WorkerState, open: OpenPart, range: RowRange): boolean {
  const { arena, kernels } = state;
  const isCodes = loadTargets(state, open, range);
  loadLogits(state, open, range);
  if (nullsOf(open.logits).length === 0) return isCodes;
  if (!isCodes) kernels.classCodes(arena.classes, range.rows, open.part.classes, arena.codes);
  maskNulls(state, open.logits);
  return true;
}

function loadTargets(state: WorkerState, open: OpenPart, range: RowRange): boolean {
  const { labelWeights, classes } = open.part;
  const { arena, kernels, bytes } = state;
  const { rows } = range;
  const bad = readClasses(state, open, range);
  if (labelWeights === null) {
    throwEarliest(bad);
    return false;
  }
  if (labelWeights.columns === 1) {
    // a mask of the rows first, then the classes it leaves out
    bytes.fill(0, arena.codes, arena.codes + rows);
    throwEarliest(bad, applyWeights(state, open, range, 1));
    kernels.applyWeightsToClasses(arena.codes, rows, arena.classes);
    return false;
  }
  if (bad === null) kernels.classCodes(arena.classes, rows, classes, arena.codes);
  throwEarliest(bad, maskCodes(state, open, range));
  return true;
}

function readClasses(state: WorkerState, open: OpenPart, range: RowRange): BadElement | null {
  const { labels, indexing, classes, ignoreLabel } = open.part;
  const { at, dtype } = readLabels(state, open.labels, labels, range);
  const { firstForeground, background } = indexing;
  const bad = state.kernels.rowClasses(
    dtype,
    at,
    range.rows,
    firstForeground,
    classes,
    background,
    ignoreLabel,
    state.arena.classes,
  );
  if (bad < 0) return null;
  const row = range.firstRow + bad;
  const message =
    `${labels.name}: row ${row}: expected a class ${firstForeground}..${firstForeground + classes - 1}, ` +
    `${background} (background) or ${ignoreLabel} (ignored), found ${elementAt(state, at, labels, bad)}; ` +
    'see --background-label, --ignore-label and --label-base';
  return { row, message };
}
