import type { Dtype } from '../source.ts';
import type { ArrowCodec, Region } from './footer.ts';

/** Which buffers of an Arrow file an array is. Plain data. */
export interface ArrowReading {
  readonly kind: 'arrow';
  /** What the elements are in the file; `bool` are bits. */
  readonly stored: Dtype;
  /** How the record batches are laid out; most of a file are laid out alike. */
  readonly shapes: readonly BatchShape[];
  /** BATCH_WORDS of each batch, in the order of the rows: its first row, where its body is in the file, the number of its shape. */
  readonly batches: Float64Array;
}

export const BATCH_WORDS = 3;

/** The rows of an array in a record batch. Regions are counted from the start of its body. */
export interface BatchShape {
  readonly rows: number;
  readonly codec: ArrowCodec;
  /** Side by side in a row. */
  readonly columns: readonly ArrowValues[];
}

/** One column in a record batch: `width` elements a row. */
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
