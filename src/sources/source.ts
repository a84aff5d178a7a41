/** Number of a row in one array, counted from 0. */
export type Row = number;
/** A position or length in a file or buffer, in bytes. */
export type ByteOffset = number;

export const INTEGER_DTYPES = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const;
export const FLOAT_DTYPES = ['float16', 'float32', 'float64'] as const;
export const DTYPES = ['bool', ...INTEGER_DTYPES, ...FLOAT_DTYPES] as const;
export type Dtype = (typeof DTYPES)[number];
export type LogitsDtype = (typeof FLOAT_DTYPES)[number];

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

/** What tells one state of a file from another: a change between the passes is an error. */
export interface FileIdentity {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/**
 * One array in one file, C order, as found in its header. Plain data: it crosses to the workers, which open the file
 * themselves. `shape` is `[rows]` or `[rows, columns]`; row r, column c starts at byte
 * `dataOffset + (r * columns + c) * DTYPE_BYTES[dtype]`.
 */
export interface ArraySource {
  readonly format: 'npy';
  /** Absolute path, to open. */
  readonly path: string;
  /** The path as the user wrote or would write it, for messages. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  readonly dataOffset: ByteOffset;
  readonly shape: readonly number[];
  readonly rows: Row;
  /** Elements in a row: 1 for a one-dimensional array. */
  readonly columns: number;
  readonly identity: FileIdentity;
}

/** How the numbers of a class-index array are read: `ignore` first, then `background`, then `firstForeground` + class. */
export interface ClassIndexing {
  readonly firstForeground: number;
  readonly background: number;
}

/**
 * What one logits file and the files that belong to it hold: `rows * classes` samples. Plain data.
 * `binary`: labels have one target a sample. `index`: labels have one class index a row.
 */
export interface Part {
  readonly logits: ArraySource;
  readonly labels: ArraySource;
  /** `null`: every sample is valid. Its `columns` are 1 (one weight a row) or `classes` (one a sample). */
  readonly labelWeights: ArraySource | null;
  readonly rows: Row;
  /** C of logits `[N, C]`; 1 for logits `[N]`. */
  readonly classes: number;
  readonly targets: 'binary' | 'index';
  /** Used where `targets` is `index`. */
  readonly indexing: ClassIndexing;
  /** This label (binary or index) leaves its sample or row out. */
  readonly ignoreLabel: number;
  /** Path of the output below the output folder, `/`-separated, without `.beta.npy` or what other formats end in: `NAME` of `NAME.npy`. */
  readonly outputName: string;
}
