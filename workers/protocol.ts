import type { CellKind } from '../src/density/cells.ts';
import type { Scale } from '../src/density/scale.ts';
import type { BufferNeeds, Layout } from '../src/memory/layout.ts';
import type { NonFinite } from '../src/options/options.ts';
import type { SetPlan } from '../src/plan/row-sets.ts';
import type { Segment, Shard } from '../src/plan/shards.ts';
import type { Part, ReadableArray } from '../src/sources/source.ts';

/** Where the weights of one part go: an existing file, its header written, open to be filled by position. */
export interface OutputFile {
  readonly path: string;
  readonly dataOffset: number;
}

/** What is to be done, whoever does it. */
export interface StreamWork {
  readonly kind: CellKind;
  readonly scale: Scale;
  readonly parts: readonly Part[];
  /** In stream order; a shard's `id` is its index. */
  readonly shards: readonly Shard[];
  /** Batches or groups that are counted and weighed each by itself; `null`: none. */
  readonly sets: SetPlan | null;
  readonly nonFinite: NonFinite;
  /** Whether pass 2 has to look for NaN itself, as no pass 1 did. */
  readonly checkWhileWeighing: boolean;
  /** One a part, or empty where nothing is weighed. */
  readonly outputs: readonly OutputFile[];
  /** Bytes of one weight in the outputs. */
  readonly outputBytes: 1 | 2 | 4;
}

/** What a worker is given once, when it starts. Bulk data lie in `memory`. */
export interface WorkerSetup extends StreamWork {
  /** Where the work's parts have packed arrays, these have the same rows unpacked. */
  readonly parts: readonly Part<ReadableArray>[];
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly layout: Layout;
  readonly needs: BufferNeeds;
}

/** One worker's part in one pass: it takes shards from the shared counter until there are none left. */
export interface PassTask {
  readonly pass: 'count' | 'weigh';
}

/** CRC-32 of the weights written for a segment. */
export interface SegmentChecksum extends Segment {
  readonly bytes: number;
  readonly crc32: number;
}

/** A failure crosses threads as data: custom fields of errors would be lost. */
export interface PassFailure {
  readonly ok: false;
  readonly shard: number;
  readonly exitCode: 1 | 3 | 130;
  readonly message: string;
  readonly stack?: string;
}

/** What a worker did in a pass: the checksums of the shards it took, or its first failure. */
export type PassResult = { readonly ok: true; readonly checksums: readonly SegmentChecksum[] } | PassFailure;
