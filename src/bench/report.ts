import type { EngineFacts } from '../engines/engine.ts';
import type { TensorEngineName } from '../options/engines.ts';

/** What `bench` returns: plain data, printed as it is by `--json`. Seconds, bytes and samples, never scaled. */

/**
 * Where the data lie. `cache`: each thread goes again and again over a copy, of its own, of the first chunk of the
 * stream, as large as the chunks of a real run. `memory`: the stream is cut among the threads, each goes once over its
 * part. `files`: npy files in the page cache. `engine`: such files of fewer samples, gone through by an engine of tensors.
 */
export type Place = 'cache' | 'memory' | 'files' | 'engine';

/**
 * What is done. `read`, `copy` and `write` are what this machine can do at best: a SIMD sum over the arrays, a copy of
 * the logits, a fill; on files, reads and writes without arithmetic. `count` and `weigh` are the two passes, and
 * `reweight` the whole command: both passes, start, flush to the disk, and report.
 */
export type Work = 'read' | 'copy' | 'write' | 'count' | 'weigh' | 'reweight';

/** float32 logits with one label each, float32 rows of 80 classes with one class index each, float16 with labels. */
export type DataSet = 'float32' | 'float32-rows' | 'float16';

export interface Machine {
  readonly cpu: string;
  /** Logical processors of the machine. */
  readonly processors: number;
  /** Those this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Second-level cache of one core and all of the third level, `null` where the system does not say. */
  readonly l2Bytes: number | null;
  readonly l3Bytes: number | null;
  readonly platform: string;
  readonly release: string;
  readonly node: string;
  readonly v8: string;
  /** Load of the last minute before the bench began. */
  readonly load: number;
}

/** The WebAssembly module that was measured. */
export interface KernelBuild {
  readonly bytes: number;
  readonly sha256: string;
}

/** Seconds of the runs, those of the warm-up left out. */
export interface Times {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** In the order they ran. */
  readonly runs: readonly number[];
}

export interface Measurement {
  readonly place: Place;
  readonly work: Work;
  readonly data: DataSet;
  readonly threads: number;
  /** Samples of one run, all threads together. */
  readonly samples: number;
  /** Bytes of one run. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** From the release of all threads to the end of the last one. */
  readonly seconds: Times;
  /** At the median. */
  readonly samplesPerSecond: number;
  readonly bytesPerSecond: number;
  /**
   * Speed as a share of the machine's own: of `read` for `count`; of `copy` for `weigh` in memory; on files, of the
   * reads and writes alone that the work has to do; of the kernels' same work on files for an engine of tensors. `null` for
   * these themselves.
   */
  readonly ofLimit: number | null;
  /** Samples a second against one thread, `null` where one thread was not measured. */
  readonly speedUp: number | null;
  /** speedUp / threads. */
  readonly efficiency: number | null;
}

/** What every run of a data set came to, at every number of threads, checked before a time is kept. */
export interface CheckedResult {
  readonly data: DataSet;
  /** Samples of the stream. */
  readonly samples: number;
  readonly positives: number;
  /** [M] samples of each unit region. */
  readonly counts: readonly number[];
  /** CRC-32 of the weights as they lie in memory, eight hexadecimal digits; absent where nothing is weighed. */
  readonly weightsCrc32?: string;
}

export interface BenchReport {
  readonly schema: 'ghm.bench/1';
  readonly version: string;
  readonly machine: Machine;
  readonly kernels: KernelBuild;
  readonly options: {
    readonly threads: readonly number[];
    readonly samples: number;
    readonly bins: number;
    readonly seed: number;
    readonly runs: number;
    readonly warmup: number;
    readonly quick: boolean;
    readonly dir: string;
    readonly engine?: TensorEngineName | undefined;
  };
  /** Samples of a chunk. */
  readonly chunkSamples: number;
  /** C of `float32-rows`. */
  readonly classes: number;
  /** Of `dir`, such as ext4 or tmpfs. */
  readonly fileSystem: string;
  readonly started: string;
  /** The whole bench. */
  readonly seconds: number;
  /** Of the tensors that were measured beside. */
  readonly engine?: EngineFacts & { readonly samples: number };
  readonly measurements: readonly Measurement[];
  readonly results: readonly CheckedResult[];
  readonly warnings: readonly string[];
}
