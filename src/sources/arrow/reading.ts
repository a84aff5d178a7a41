import type { Dtype, Row } from '../source.ts';
import type { Region } from './footer.ts';

/** Which buffers of an Arrow file an array is. Plain data. */
export interface ArrowReading {
  readonly kind: 'arrow';
  /** What the elements are in the file; `bool` are bits. */
  readonly stored: Dtype;
  /** In the order of the rows. */
  readonly batches: readonly ArrowBatch[];
}

/** The rows of an array in one record batch. */
export interface ArrowBatch {
  readonly firstRow: Row;
  readonly rows: number;
  readonly codec: 'none' | 'lz4' | 'zstd';
  /** Side by side in a row. */
  readonly columns: readonly ArrowValues[];
}

/** One column in one record batch: `width` elements a row. */
export interface ArrowValues {
  readonly width: number;
  readonly values: Region;
  /** A bit an element, where some are null. */
  readonly validity: Region | null;
  /** A bit a row, where some lists are null. */
  readonly listValidity: Region | null;
  /** Where each list begins, in elements, for lists that could be of any length. */
  readonly offsets: (Region & { readonly bytesEach: 4 | 8 }) | null;
}
