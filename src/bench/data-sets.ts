import type { CellKind } from '../density/cells.ts';
import type { DataSet, Work } from './report.ts';
import { ROW_BLOCK } from './size.ts';

/** What is measured in memory. */
export type MemoryWork = Exclude<Work, 'reweight'>;

/** Shape and types of one data set in memory. */
export interface DataForm {
  readonly data: DataSet;
  readonly kind: CellKind;
  /** Samples of a row: 1, or C. */
  readonly width: number;
  readonly logitBytes: 4 | 2;
  /** Bytes of the label of one row: a u8 code, or an i32 class. */
  readonly labelBytes: 1 | 4;
  /** What is measured on it, in the order it runs: what writes comes before what is checked by what it wrote. */
  readonly works: readonly MemoryWork[];
}

/** C of the rows, as in COCO. */
export const CLASSES = 80;

/** In the order they are measured. Weights of 4 bytes take part in the first alone. */
export const DATA_FORMS: readonly DataForm[] = [
  {
    data: 'float32',
    kind: 'float32',
    width: 1,
    logitBytes: 4,
    labelBytes: 1,
    works: ['read', 'count', 'copy', 'write', 'weigh'],
  },
  { data: 'float32-rows', kind: 'float32', width: CLASSES, logitBytes: 4, labelBytes: 4, works: ['read', 'count'] },
  { data: 'float16', kind: 'float16', width: 1, logitBytes: 2, labelBytes: 1, works: ['read', 'count'] },
];

/** Rows of the whole stream of about `samples`: whole blocks, at least one. */
export const rowsOf = ({ width }: DataForm, samples: number): number =>
  Math.max(1, Math.floor(samples / width / ROW_BLOCK)) * ROW_BLOCK;

/** Rows of one chunk of at most `chunkSamples`: whole blocks, and no more than the stream has. */
export const chunkRowsOf = (form: DataForm, chunkSamples: number, rows: number): number =>
  Math.min(rows, rowsOf(form, chunkSamples));

/** Rows [begin, end) of a lane, cut between blocks. */
export function sliceOf(rows: number, lane: number, lanes: number): { readonly begin: number; readonly end: number } {
  const blocks = rows / ROW_BLOCK;
  const cut = (i: number): number => Math.floor((i * blocks) / lanes) * ROW_BLOCK;
  return { begin: cut(lane), end: cut(lane + 1) };
}

/** Bytes that a work reads and writes for so many rows. */
export function trafficOf(
  form: DataForm,
  work: Work,
  rows: number,
): { readonly read: number; readonly written: number } {
  const logits = rows * form.width * form.logitBytes;
  const inputs = logits + rows * form.labelBytes;
  switch (work) {
    case 'copy':
      return { read: logits, written: logits };
    case 'write':
      return { read: 0, written: rows * form.width * 4 };
    case 'weigh':
      return { read: inputs, written: rows * form.width * 4 };
    default:
      return { read: inputs, written: 0 };
  }
}
