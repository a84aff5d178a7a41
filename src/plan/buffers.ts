import type { CellKind } from '../density/cells.ts';
import type { Scale } from '../density/scale.ts';
import { usageError } from '../errors.ts';
import {
  type BufferNeeds,
  type Layout,
  layoutOf,
  NO_SETS,
  NO_WINDOW,
  type SetSpace,
  type WindowTables,
} from '../memory/layout.ts';
import type { List } from '../shared-list/list.ts';
import { type ArraySource, DTYPE_BYTES, isWidened, type Part } from '../sources/source.ts';

/** Samples a chunk when memory allows: its logits, codes and weights stay in a core's second-level cache. */
const CHUNK_SAMPLES = 1 << 17;
const SMALLEST_CHUNK = 1 << 10;

/**
 * float16 cells where logits are counted as they are and every one is float16: they are exact. Otherwise everything is
 * counted as float32.
 */
export function cellKindOf(parts: List<Part>, scale: Scale): CellKind {
  const areCounted = scale.task === 'classification' && !scale.softTargets;
  return areCounted && !parts.some((part) => part.logits.dtype !== 'float16') ? 'float16' : 'float32';
}

/** Whether logits have to be converted before the kernels can read them. */
export function needsConversion(logits: ArraySource, kind: CellKind): boolean {
  return logits.dtype !== kind;
}

/** Bytes a sample of the buffers, for the part that needs most. */
export function bufferNeeds(parts: Iterable<Part>, kind: CellKind, weigh: boolean): BufferNeeds {
  const needs = {
    raw: 0,
    logits: DTYPE_BYTES[kind],
    labels: 0,
    operand: 0,
    codes: 1,
    classes: 0,
    out: weigh ? 4 : 0,
    losses: 0,
  };
  for (const { logits, labels, labelWeights, columns, targets } of parts) {
    for (const { dtype } of Object.values(columns)) needs.raw = Math.max(needs.raw, DTYPE_BYTES[dtype]);
    if (needsConversion(logits, kind)) needs.raw = Math.max(needs.raw, DTYPE_BYTES[logits.dtype]);
    for (const array of labelWeights ? [labels, labelWeights] : [labels]) {
      needs.raw = Math.max(needs.raw, DTYPE_BYTES[array.dtype]);
      if (isWidened(array.dtype)) needs.labels = 4;
    }
    if (targets === 'index' || targets === 'softmax') needs.classes = 4;
    if (targets === 'softmax' || targets === 'soft') needs.operand = 4;
    // the losses of soft targets lie where labels did
    if (targets === 'soft') {
      needs.labels = 4;
      needs.losses = 1;
    }
    if (targets === 'boxes') {
      needs.operand = Math.max(needs.operand, logits.dtype === 'float64' ? 8 : 4);
      needs.raw = Math.max(needs.raw, DTYPE_BYTES[logits.dtype]);
    }
  }
  return needs;
}

export interface MemoryPlan {
  readonly layout: Layout;
  readonly needs: BufferNeeds;
}

/**
 * The largest layout within `budget` bytes: chunks shrink first, then threads.
 *
 * @param sets room for the counts of sets
 * @param described what sets there are, for the message
 * @param threadBytes what a thread needs beside the layout
 * @throws usageError where one thread with the smallest chunk does not fit
 */
export function planMemory(
  threads: number,
  thresholds: number,
  budget: number,
  needs: BufferNeeds,
  widestRow: number,
  window: WindowTables = NO_WINDOW,
  sets: SetSpace = NO_SETS,
  described = '',
  threadBytes = 0,
): MemoryPlan {
  for (let count = threads; count >= 1; count--) {
    for (let chunk = CHUNK_SAMPLES; chunk >= SMALLEST_CHUNK; chunk /= 2) {
      const layout = layoutOf(count, thresholds, Math.max(chunk, widestRow), needs, window, sets);
      if (layout.bytes + count * threadBytes <= budget) return { layout, needs };
    }
  }
  const least = layoutOf(1, thresholds, Math.max(SMALLEST_CHUNK, widestRow), needs, window, sets).bytes + threadBytes;
  throw usageError(
    `--memory: expected at least ${Math.ceil(least / 2 ** 20)} MiB for this input${described}, found ${Math.floor(budget / 2 ** 20)} MiB`,
  );
}
