import type { CellKind } from '../src/density/cells.ts';
import type { Scale } from '../src/density/scale.ts';
import type { BufferNeeds, Layout } from '../src/memory/layout.ts';
import type { NonFinite } from '../src/options/options.ts';
import type { SetPlan } from '../src/plan/row-sets.ts';
import type { Segment, Shard } from '../src/plan/shards.ts';
import type { List } from '../src/shared-list/list.ts';
import type { PackedItems } from '../src/shared-list/shared-list.ts';
import type { Part } from '../src/sources/source.ts';
import type { BackendFacts } from '../src/tfjs/backend-facts.ts';

/** Where the weights of one part go: an existing file, its header written, open to be filled by position. */
export interface OutputFile {
  readonly path: string;
  readonly dataOffset: number;
}

/** What is to be done, whoever does it. */
export interface StreamWork {
  readonly kind: CellKind;
  readonly scale: Scale;
  readonly parts: List<Part>;
  /** In stream order; a shard's `id` is its index. */
  readonly shards: readonly Shard[];
  /** Batches or groups that are counted and weighed each by itself; `null`: none. */
  readonly sets: SetPlan | null;
  readonly nonFinite: NonFinite;
  /** Whether pass 2 has to look for NaN itself, as no pass 1 did. */
  readonly checkWhileWeighing: boolean;
  /** One a part, or empty where nothing is weighed. */
  readonly outputs: List<OutputFile>;
  /** Bytes of one weight in the outputs. */
  readonly outputBytes: 1 | 2 | 4;
}

/** What a worker is given once, when it starts. Bulk data lie in `memory`. */
export interface WorkerSetup extends Omit<StreamWork, 'parts' | 'outputs'> {
  /** A Part<ReadableArray> each: where the work's parts have packed arrays, these have the same rows unpacked. */
  readonly parts: PackedItems;
  /** An OutputFile each. */
  readonly outputs: PackedItems;
  readonly memory: WebAssembly.Memory;
  /** See src/memory/shard-board.ts. */
  readonly board: SharedArrayBuffer;
  readonly module: WebAssembly.Module;
  readonly layout: Layout;
  readonly needs: BufferNeeds;
}

export type PassTask = { readonly pass: 'count' } | WeighTask | FindTask | RankTask;

/** The weights lie in the memory. */
export interface WeighTask {
  readonly pass: 'weigh';
  /** u32 [M] bits of the weight of each region, for workers that find regions without the cells; absent where weights are no function of the region. */
  readonly regionWeights?: Uint32Array | undefined;
}

/** Asks a thread to load what computes, where that is not the kernels. */
export interface OpenTask {
  readonly pass: 'open';
}

export type OpenResult = { readonly ok: true; readonly backend: BackendFacts } | PassFailure;

/** One worker's part in one pass: it takes shards from the shared board until there are none left. */
export type SlotTask = PassTask & { readonly slot: number };

/** The hardest samples of the stream, or of each group. */
export interface FindTask {
  readonly pass: 'find';
  /** How many, 1 to MOST_HELD. */
  readonly top: number;
  /** Only samples whose z is at or above this float32. */
  readonly least: number;
  readonly grouping: Grouping;
}

/** The weighted losses of groups. */
export interface RankTask {
  readonly pass: 'rank';
  readonly grouping: Grouping;
}

/** What makes samples a group: nothing, their file (part), their class, or the value of a column of the parts. */
export type Grouping = { readonly by: 'none' | 'file' | 'class' } | { readonly by: 'column'; readonly name: string };

/** Samples, entry i of each: its group, the place of its z, its part, and its number in that, row * C + class. */
export interface FoundSamples {
  readonly group: Float64Array;
  readonly place: Float64Array;
  readonly part: Float64Array;
  readonly sample: Float64Array;
}

/** The samples of one group that count. */
export interface GroupLoss {
  readonly group: number;
  readonly samples: number;
  /** The place of the greatest z. */
  readonly hardest: number;
  /** Sum of beta times loss in units of 2^-40, each sample rounded to whole ones: the same in any order. */
  readonly units: bigint;
  /** Samples whose loss is infinite; they are not in the sum. */
  readonly infinite: number;
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
}

/** What a worker did in a pass, of the shards it took. */
export interface PassDone {
  readonly ok: true;
  readonly found?: FoundSamples;
  readonly losses?: readonly GroupLoss[];
}

/** Or its first failure. */
export type PassResult = PassDone | PassFailure;
