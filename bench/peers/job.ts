/** What every peer is given, as JSON in its first argument. The same file is read by all of them. */
export interface Job {
  /**
   * `serve`: load the samples into memory, then count them for each line of standard input. `run`: the whole job from
   * files to a file of weights. `prepare`: make the tool's own file format, where it reads no npy.
   */
  readonly mode: 'serve' | 'run' | 'prepare';
  /** float32 [N] and uint8 [N], npy. */
  readonly logits: string;
  readonly labels: string;
  /** The same in Parquet: columns x FLOAT, y UTINYINT. Made by the DuckDB peer in mode `prepare`. */
  readonly parquet: string;
  /** Folder for weights. */
  readonly out: string;
  readonly threads: number;
  readonly bins: number;
  /** Which way of the tool. */
  readonly form: string;
}

/** Lines that a peer prints, as JSON. */
export type Answer =
  | { readonly skip: string }
  | { readonly ready: string }
  /** The tool's own time for the count; 0 for a whole job, which is timed from outside. */
  | { readonly seconds: number; readonly counts: readonly number[] };
