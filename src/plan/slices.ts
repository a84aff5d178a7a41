import type { List } from '../shared-list/list.ts';
import { arraysOf, DTYPE_BYTES, type Part, type Row, type RowRange } from '../sources/source.ts';
import { lowerBound } from './shards.ts';

/** Which of `of` parts of a stream a run does, 1 to `of`. */
export interface ShardChoice {
  readonly index: number;
  readonly of: number;
}

/** Consecutive rows of the stream, counted through all files: from `firstRow` up to `endRow`. */
export interface Slice {
  readonly firstRow: Row;
  readonly endRow: Row;
}

/** Rows that a slice may begin at: any, every `every`-th, or those of an ascending list. */
export type SliceStarts = 'any' | { readonly every: number } | { readonly rows: readonly Row[] };

type Sliceable = Pick<Part, 'rows' | 'blocks' | 'logits' | 'labels' | 'labelWeights' | 'columns'>;

/** A cut moves to the end of a file that is nearer than this share of a slice: outputs of whole files need no assembly. */
const SNAP = 1 / 16;

/**
 * The rows of one slice: the stream cut into `of` slices of about as many bytes, between rows, blocks of a file that has
 * blocks, and files that cannot be entered in the middle. Slices may be empty. Pure: headers decide, so that every machine
 * cuts alike.
 */
export function planSlice(parts: List<Sliceable>, { index, of }: ShardChoice, starts: SliceStarts = 'any'): Slice {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const share = parts.reduce((sum, part) => sum + part.rows * rowBytesOf(part), 0) / of;
  const cut = (k: number): Row => {
    if (k === 0 || k === of) return k === 0 ? 0 : rows;
    return startNear(rowAt(parts, share * k, share * SNAP), starts, rows);
  };
  return { firstRow: cut(index - 1), endRow: cut(index) };
}

/** Bytes of a row of all arrays, unpacked. */
export const rowBytesOf = (part: Sliceable): number =>
  arraysOf(part).reduce((sum, { columns, dtype }) => sum + columns * DTYPE_BYTES[dtype], 0);

/** The row of the stream to cut at, near a byte of it. */
function rowAt(parts: Iterable<Sliceable>, byte: number, tolerance: number): Row {
  let firstRow = 0;
  let before = 0;
  for (const part of parts) {
    const width = rowBytesOf(part);
    const bytes = part.rows * width;
    if (byte < before + bytes) return firstRow + rowNear(part, (byte - before) / width, tolerance / width);
    firstRow += part.rows;
    before += bytes;
  }
  return firstRow;
}

/** The row of a part to cut at, all positions in rows. */
function rowNear(part: Sliceable, position: number, tolerance: number): Row {
  const nearerEnd = position > part.rows / 2 ? part.rows : 0;
  if (Math.abs(position - nearerEnd) <= tolerance || arraysOf(part).some(({ kind }) => kind === 'packed')) {
    return nearerEnd;
  }
  return part.blocks === null ? Math.round(position) : nearest(part.blocks, position, part.rows);
}

function startNear(row: Row, starts: SliceStarts, rows: Row): Row {
  if (starts === 'any') return row;
  if ('every' in starts) return Math.min(rows, Math.round(row / starts.every) * starts.every);
  return nearest(starts.rows, row, rows);
}

/** Of the ascending rows, and `end` behind them, the one nearest to `position`; the later one of two. */
function nearest(ascending: readonly Row[], position: number, end: Row): Row {
  const at = lowerBound(ascending, position);
  const after = ascending[at] ?? end;
  const before = ascending[at - 1] ?? 0;
  return position - before < after - position ? before : after;
}

/** The rows of each part that lie in the slice; parts of which none do are left out. */
export function* partsOfSlice<P extends Pick<Part, 'rows'>>(
  parts: Iterable<P>,
  { firstRow, endRow }: Slice,
): Generator<{ readonly part: P; readonly range: RowRange }> {
  let before = 0;
  for (const part of parts) {
    const range = { firstRow: Math.max(0, firstRow - before), endRow: Math.min(part.rows, endRow - before) };
    if (range.firstRow < range.endRow) yield { part, range };
    before += part.rows;
  }
}
