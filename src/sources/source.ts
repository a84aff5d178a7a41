import type { ArrowReading } from './arrow/reading.ts';
import type { ParquetReading } from './parquet/reading.ts';
import type { MemoryReading } from './text/memory.ts';

/** Number of a row in one array, counted from 0. */
export type Row = number;
/** A position or length in a file or buffer, in bytes. */
export type ByteOffset = number;

export const INTEGER_DTYPES = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const;
export const FLOAT_DTYPES = ['float16', 'bfloat16', 'float32', 'float64'] as const;
export const DTYPES = ['bool', ...INTEGER_DTYPES, ...FLOAT_DTYPES] as const;
export type Dtype = (typeof DTYPES)[number];
export type LogitsDtype = (typeof FLOAT_DTYPES)[number];

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<Dtype, 1 | 2 | 4 | 8>> = {
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
  bfloat16: 2,
  float32: 4,
  float64: 8,
};

/** Whether the kernels read labels of this dtype as float32. */
export const isWidened = (dtype: Dtype): dtype is 'float16' | 'bfloat16' => dtype === 'float16' || dtype === 'bfloat16';

/** A dtype for elements of `dtype` of which some are null: one that holds the ignore label. */
export function besideNull(dtype: Dtype): Dtype {
  if (FLOAT_DTYPES.some((float) => float === dtype)) return dtype;
  return DTYPE_BYTES[dtype] === 8 || dtype === 'uint32' ? 'int64' : 'int32';
}

/** What tells one state of a file from another: a change between the passes is an error. */
export interface FileIdentity {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** File formats; `npy.gz` and `npy.zst` are compressed .npy files. */
export type Format = 'npy' | 'npy.gz' | 'npy.zst' | 'npz' | 'safetensors' | 'parquet' | 'arrow' | 'csv' | 'jsonl';

/**
 * What is known of every array from the headers of its file. Plain data: it crosses to the workers, which open the file
 * themselves. `shape` is `[rows]` or `[rows, columns]`, C order.
 */
interface ArrayFacts {
  readonly format: Format;
  /** Absolute path, to open. */
  readonly path: string;
  /** The path as the user wrote or would write it, for messages; with the key where the file holds several arrays. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  readonly shape: readonly number[];
  readonly rows: Row;
  /** Elements in a row: 1 for a one-dimensional array. */
  readonly columns: number;
  /** Bytes that the array takes in its file. */
  readonly storedBytes: number;
  readonly identity: FileIdentity;
}

/** Rows as they are in a file: row r, column c starts at byte `dataOffset + (r * columns + c) * DTYPE_BYTES[dtype]`. */
export interface RawArray extends ArrayFacts {
  readonly kind: 'raw';
  readonly dataOffset: ByteOffset;
}

/**
 * Rows that a reader of the format decodes block by block (Parquet row groups, Arrow record batches). Shards are cut
 * between blocks; workers load the reader by `format` when they meet such an array, see row-reader.ts.
 */
export interface BlockArray extends ArrayFacts {
  readonly kind: 'blocks';
  /** First row of each block, ascending from 0; `null` where any rows are read as fast. All arrays of a part have the same. */
  readonly blocks: readonly Row[] | null;
  /** Whether there may be nulls. */
  readonly nulls: boolean;
  /**
   * What a null is read as: a number where the role of the array has one that leaves out, else a mark, see null-mark.ts;
   * `refuse` where no number could stand for it.
   */
  readonly nullAs: number | 'mark' | 'refuse';
  /** What else the reader has to know, plain data. */
  readonly reading: ParquetReading | ArrowReading | MemoryReading;
}

/**
 * How rows are packed that can only be unpacked from the first to the last: a stream at `[offset, offset + bytes)` of the file,
 * whose first `headerBytes`, unpacked, are not rows.
 */
export interface Packing {
  readonly codec: 'deflate' | 'gzip' | 'zstd';
  readonly offset: ByteOffset;
  readonly bytes: number;
  readonly headerBytes: number;
  /** CRC-32 of all that is unpacked, header too; `null` where the stream has checks of its own. */
  readonly crc32: number | null;
}

/** Rows that are unpacked once, to a spool of raw rows, before the first pass; see spool/. */
export interface PackedArray extends ArrayFacts {
  readonly kind: 'packed';
  readonly packing: Packing;
}

/** An array that a worker can read any rows of. */
export type ReadableArray = RawArray | BlockArray;

/** One array of one file, as found in the headers. */
export type ArraySource = ReadableArray | PackedArray;

/** How the numbers of a class-index array are read: `ignore` first, then `background`, then `firstForeground` + class. */
export interface ClassIndexing {
  readonly firstForeground: number;
  readonly background: number;
}

/**
 * How the arrays of a part make samples. `binary`: labels have one target a sample. `index`: labels have one class index a
 * row. `soft`: labels have one target in [0, 1] a sample. `softmax`: labels have one class index a row, and a row is one
 * sample. `boxes`: logits are predictions, labels what they should be, and their difference is counted.
 */
export type Targets = 'binary' | 'index' | 'soft' | 'softmax' | 'boxes';

/** One array of logits, or predictions, and those that belong to it: `rows * classes` samples. Plain data. */
export interface Part<Source extends ArraySource = ArraySource> {
  readonly logits: Source;
  readonly labels: Source;
  /** `null`: every sample is valid. Its `columns` are 1 (one weight a row) or `classes` (one a sample). */
  readonly labelWeights: Source | null;
  /** By name, the columns that batches or groups go by: integers, one a row. */
  readonly columns: Readonly<Record<string, Source>>;
  readonly rows: Row;
  /** Samples a row: C of logits `[N, C]`; 1 for logits `[N]`, and for `softmax`. */
  readonly classes: number;
  readonly targets: Targets;
  /** Used where `targets` is `index` or `softmax`. */
  readonly indexing: ClassIndexing;
  /** This label (binary or index) leaves its sample or row out. */
  readonly ignoreLabel: number;
  /**
   * Path of the output below the output folder, `/`-separated, without `.beta.npy` or what other formats end in: `NAME` of
   * `NAME.npy` or `NAME.npz`.
   */
  readonly outputName: string;
  /** First rows of the blocks that shards are cut between, ascending from 0; `null`: anywhere. */
  readonly blocks: readonly Row[] | null;
}

/** Shape of the weights of a part: that of its logits, but one a row for `softmax`. */
export const outputShapeOf = ({
  targets,
  rows,
  logits,
}: Pick<Part, 'targets' | 'rows' | 'logits'>): readonly number[] => (targets === 'softmax' ? [rows] : logits.shape);

/** Rows of a part, from `firstRow` up to `endRow`. */
export interface RowRange {
  readonly firstRow: Row;
  readonly endRow: Row;
}

/** Elements that are read of a row of logits. */
export const rowElementsOf = ({ targets, classes, logits }: Pick<Part, 'targets' | 'classes' | 'logits'>): number =>
  targets === 'softmax' ? logits.columns : classes;
/** What a part is made of. */
export interface PartArrays<Source> {
  readonly logits: Source;
  readonly labels: Source;
  readonly labelWeights: Source | null;
  readonly columns: Readonly<Record<string, Source>>;
}

/** All arrays of a part. */
export const arraysOf = <Source>({ logits, labels, labelWeights, columns }: PartArrays<Source>): Source[] => [
  logits,
  labels,
  ...(labelWeights ? [labelWeights] : []),
  ...Object.values(columns),
];

/** All arrays of all parts, gone over as they are asked for. */
export const arraysOfAll = <Source>(parts: Iterable<PartArrays<Source>>): Iterable<Source> => ({
  *[Symbol.iterator]() {
    for (const part of parts) yield* arraysOf(part);
  },
});
