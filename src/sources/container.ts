import { GhmError } from '../errors.ts';
import type { InputFile } from './discover.ts';
import type { ArraySource, Format } from './source.ts';

/**
 * What one input file holds, from its headers. `array`: one array without a key (.npy). `arrays`: arrays by key, each with
 * rows of its own (.npz, .safetensors). `columns`: the columns of one table (Parquet, CSV).
 */
export interface Container extends InputFile {
  readonly format: Format;
  readonly layout: 'array' | 'arrays' | 'columns';
  /** In the order of the file; none for `array`. */
  readonly keys: readonly string[];
  /**
   * The array of a key that is there; of `''` for `array`. With `columns`, a pattern such as `logit_*` is the matching
   * columns side by side, in natural order.
   *
   * @throws inputError where it is damaged, or nothing that can be read as numbers
   */
  open(key: string): ArraySource | Promise<ArraySource>;
  /**
   * As `open` for each of these keys, in order: for formats in which each array costs a reading of the whole file. What cannot be
   * read as numbers comes as the error.
   */
  openEach?(keys: readonly string[]): AsyncIterable<ArraySource | GhmError>;
}

/** The arrays of these keys, one after the other; what cannot be read comes as the error. */
export async function* openEach(container: Container, keys: readonly string[]): AsyncIterable<ArraySource | GhmError> {
  if (container.openEach !== undefined) {
    yield* container.openEach(keys);
    return;
  }
  for (const key of keys) {
    try {
      yield await container.open(key);
    } catch (error) {
      if (!(error instanceof GhmError)) throw error;
      yield error;
    }
  }
}

/** Name of an array in a file of several: `dumps/a.npz[logits]`. */
export const arrayName = (file: string, key: string): string => `${file}[${key}]`;
