import { interrupted } from '../src/errors.ts';
import type { Segment } from '../src/plan/shards.ts';
import { itemOf } from '../src/shared-list/list.ts';
import type { RowReader } from '../src/sources/row-reader.ts';
import { type Part, type ReadableArray, rowElementsOf } from '../src/sources/source.ts';
import type { Chunk } from './chunk.ts';
import { type InputSums, summedArrays } from './input-sums.ts';
import { openTogether } from './open-rows.ts';
import { loadRowSets, lookedUpColumn } from './row-sets.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Reads segment number `index` chunk by chunk; those after it will be read next. Stops with `interrupted` when the run is cancelled.
 * Waits only for rows that have to be decoded: raw ones are read at once.
 *
 * @param columnName a column of the parts, whose reader `visit` is given
 * @param sums sum up what is read of the segment
 */
export async function eachChunk(
  state: WorkerState,
  segments: readonly Segment[],
  index: number,
  visit: (chunk: Chunk, firstRow: number, column: RowReader | null) => void,
  columnName: string | null = null,
  sums: InputSums | null = null,
): Promise<void> {
  const segment = segments[index];
  const part = itemOf(state.parts, segment.part);
  const rowsPerChunk = Math.max(1, Math.floor(state.layout.chunkSamples / rowElementsOf(part)));
  const end = segment.firstRow + segment.rows;
  const optional = optionalArrays(state, part, columnName);
  const opened = await openTogether(arraysOf(state, part, columnName), end, {
    *[Symbol.iterator]() {
      for (const next of wholeParts(state, segments, index)) yield arraysOf(state, next, columnName);
    },
  });
  try {
    const arrays = sums === null ? opened : withSums(opened, sums, summedArrays(state, part));
    const [logits, labels, ...others] = arrays;
    const [labelWeights, sets, values] = optional.map((source) => source && (others.shift() ?? null));
    const decoded = opened.filter(({ prepare }) => prepare !== undefined);
    for (let row = segment.firstRow; row < end; row += rowsPerChunk) {
      if (state.control.cancelled) throw interrupted();
      const rows = Math.min(rowsPerChunk, end - row);
      for (const reader of decoded) await reader.prepare?.(row, rows);
      const rowSets = loadRowSets(state, segment.part, row, rows, sets);
      const chunk = {
        ...state.passes.load(state, { part, logits, labels, labelWeights }, { firstRow: row, rows }),
        rowSets,
      };
      visit(chunk, row, values);
      state.control.addDone(chunk.samples);
    }
  } finally {
    for (const reader of opened) reader.close();
  }
}

const optionalArrays = (
  state: WorkerState,
  part: Part<ReadableArray>,
  columnName: string | null,
): readonly (ReadableArray | null)[] => [
  part.labelWeights,
  lookedUpColumn(state, part),
  columnName === null ? null : part.columns[columnName],
];

/** All that is read of a part. */
const arraysOf = (state: WorkerState, part: Part<ReadableArray>, columnName: string | null): ReadableArray[] => [
  part.logits,
  part.labels,
  ...optionalArrays(state, part, columnName).filter((source) => source !== null),
];

/** The parts of the segments after this one, as long as they, and it, are whole parts. */
function* wholeParts(state: WorkerState, segments: readonly Segment[], index: number): Generator<Part<ReadableArray>> {
  for (let i = index; i < segments.length; i++) {
    const { part: number, firstRow, rows } = segments[i];
    const part = itemOf(state.parts, number);
    if (firstRow !== 0 || rows !== part.rows) return;
    if (i > index) yield part;
  }
}

/** Readers of the arrays that are there, in their order, with what they read summed up; others, after them, as they are. */
function withSums(
  readers: readonly RowReader[],
  sums: InputSums,
  arrays: readonly (ReadableArray | null)[],
): readonly RowReader[] {
  const present = [...arrays.entries()].flatMap(([number, source]) => (source === null ? [] : [{ number, source }]));
  return readers.map((reader, i) =>
    i < present.length ? sums.of(reader, present[i].number, present[i].source) : reader,
  );
}
