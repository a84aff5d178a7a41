import type { ByteOffset } from '../sources/source.ts';
import type { MemoryWork } from './data-sets.ts';
import type { BenchLayout } from './layout.ts';
import type { DataSet, Place } from './report.ts';

/** What a worker of the bench is given once. */
export interface BenchSetup {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly layout: BenchLayout;
  /** See barrier.ts. */
  readonly barrier: SharedArrayBuffer;
  readonly samples: number;
}

/** One of `lanes` threads that do the same at the same time. Its number names its arena, whichever worker has it. */
interface Lane {
  readonly lane: number;
  readonly lanes: number;
}

/** Makes this lane's share of a data set. */
export interface FillTask extends Lane {
  readonly task: 'fill';
  readonly data: DataSet;
  readonly seed: number;
}

/** Puts the first chunk into this lane's arena. */
export interface ChunkTask extends Lane {
  readonly task: 'chunk';
  readonly data: DataSet;
}

/** One work over this lane's data. */
export interface WorkTask extends Lane {
  readonly task: 'work';
  readonly data: DataSet;
  readonly place: Exclude<Place, 'files'>;
  readonly work: MemoryWork;
  /** Times over the data. */
  readonly passes: number;
  /** Whether the kernels are the WebAssembly ones, or the scalar twins which say what has to come out. */
  readonly by: 'kernels' | 'twins';
}

/** An array of a file, from its first row. */
export interface FileArray {
  readonly path: string;
  readonly dataOffset: ByteOffset;
  readonly rowBytes: number;
}

/** Reads or writes the files' rows, shard by shard as they are free, and does nothing with them. */
export interface FileTask extends Lane {
  readonly task: 'read-files' | 'write-file';
  readonly arrays: readonly FileArray[];
  readonly rows: number;
  readonly shardRows: number;
}

export type LaneTask = FillTask | ChunkTask | WorkTask | FileTask;

/** What a lane did. Times are of the clock that all threads share, in nanoseconds. */
export interface LaneResult {
  readonly ok: true;
  readonly began: bigint;
  readonly ended: bigint;
  /** Sum of the words read, or of those that were written, modulo 2^32; 0 for other works. */
  readonly sum: number;
  /** CRC-32 of the weights in memory; 0 for other works. */
  readonly crc32: number;
  /** Bytes that the CRC is of, or that passed through files. */
  readonly bytes: number;
}

/** A failure crosses threads as data. */
export interface LaneFailure {
  readonly ok: false;
  readonly message: string;
  readonly stack?: string;
}

export type LaneAnswer = LaneResult | LaneFailure;
