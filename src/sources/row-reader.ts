import type { BlockArray, Format, Row } from './source.ts';

/**
 * Reads rows of one array on a worker thread, in the array's dtype and byte order. Rows are asked for in ascending order
 * within a segment.
 */
export interface RowReader {
  /** Before `read` of rows [firstRow, firstRow + rows): decodes them. Absent where rows lie in the file as they are. */
  readonly prepare?: (firstRow: Row, rows: number) => Promise<void>;
  /** Fills `into`, whose length is that of whole rows, with the rows from `firstRow`. */
  read(firstRow: Row, into: Uint8Array): void;
  /** Numbers of the elements of the last `read` that are null and have no number to be read as; they are 0 there. */
  readonly nulls?: () => readonly number[];
  close(): void;
}

/**
 * What the module of a format with blocks gives: readers of arrays of one file, which is checked to be the one planned before it
 * is asked. Each row is asked for from all of them; rows from `end` on will not be.
 *
 * `following` are the arrays of files that will be opened next, one after the other, each whole: small ones may be read together.
 * What is read of them is not used before they are checked in their turn.
 */
export type OpenBlocks = (
  sources: readonly BlockArray[],
  end: Row,
  following?: Iterable<readonly BlockArray[]>,
) => Promise<RowReader[]>;

/** For formats whose arrays are read each by itself. */
const eachAlone =
  (open: (source: BlockArray) => Promise<RowReader>): OpenBlocks =>
  (sources) =>
    Promise.all(sources.map(open));

/** Readers of the formats with blocks, loaded by the worker that meets such an array. */
export const BLOCK_READERS: Readonly<Partial<Record<Format, () => Promise<OpenBlocks>>>> = {
  arrow: async () => eachAlone((await import('./arrow/read.ts')).openArrowRows),
  csv: async () => eachAlone((await import('./text/memory.ts')).openMemoryRows),
  jsonl: async () => eachAlone((await import('./text/memory.ts')).openMemoryRows),
  parquet: async () => (await import('./parquet/read.ts')).openParquetRows,
};
