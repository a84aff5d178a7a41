import type { CellKind } from '../density/cells.ts';
import { partitionOf } from '../density/partition.ts';
import { type Scale, scaleOf } from '../density/scale.ts';
import { MOST_PIECES } from '../density/window-pieces.ts';
import { WEIGH_BITS } from '../density/window-table.ts';
import { NO_WINDOW, type WindowTables } from '../memory/layout.ts';
import type { CompleteRunOptions, CompleteStreamOptions } from '../options/complete-options.ts';
import { bufferNeeds, cellKindOf, type MemoryPlan, planMemory } from '../plan/buffers.ts';
import { planShards, type Shard, shardSamplesFor } from '../plan/shards.ts';
import { resolveParts } from '../sources/parts.ts';
import { type ArraySource, DTYPE_BYTES, type Part, rowElementsOf } from '../sources/source.ts';

/** Everything known of a run before its first sample is read. */
export interface Stream {
  readonly parts: readonly Part[];
  readonly samples: number;
  readonly kind: CellKind;
  readonly scale: Scale;
  readonly shards: readonly Shard[];
  readonly memory: MemoryPlan;
  /** Bytes of reading all inputs once. */
  readonly bytes: number;
  readonly warnings: readonly string[];
}

export type OpenStreamOptions = CompleteStreamOptions & Pick<CompleteRunOptions, 'threads' | 'memory'>;

/** What a run does for windows. */
export interface StreamWindow {
  /** Bits of the fine cells to count; `undefined` for none. */
  readonly fineBits: number | undefined;
  readonly weighs: boolean;
}

/** float16 cells are single values: windows need nothing more. */
const windowTables = (kind: CellKind, { fineBits, weighs }: StreamWindow): WindowTables =>
  kind === 'float16'
    ? NO_WINDOW
    : { counted: fineBits ?? 0, weighed: weighs ? WEIGH_BITS : 0, pieces: weighs ? MOST_PIECES : 0 };

/** Finds the inputs, reads their headers, and plans shards and memory. */
export async function openStream(
  options: OpenStreamOptions,
  bins: number,
  weigh: boolean,
  shardSamples?: number,
  window: StreamWindow = { fineBits: undefined, weighs: false },
): Promise<Stream> {
  const { parts, samples, warnings } = await resolveParts(options);
  const scale = scaleOfOptions(options);
  const kind = cellKindOf(parts, scale);
  // shards and chunks are measured by what is read
  const elements = parts.reduce((sum, part) => sum + part.rows * rowElementsOf(part), 0);
  const shards = planShards(
    parts.map((part) => ({ ...part, classes: rowElementsOf(part) })),
    shardSamples ?? shardSamplesFor(elements),
  );
  const widestRow = parts.reduce((widest, part) => Math.max(widest, rowElementsOf(part)), 1);
  const threads = Math.min(options.threads, shards.length);
  const memory = planMemory(
    threads,
    partitionOf({ kind, scale, bins }).thresholds.length,
    options.memory,
    bufferNeeds(parts, kind, weigh),
    widestRow,
    windowTables(kind, window),
  );
  const fewer =
    memory.layout.threads < threads ? [`--memory leaves room for ${memory.layout.threads} of ${threads} threads`] : [];
  const bytes = parts.flatMap(arraysOf).reduce((sum, array) => sum + dataBytes(array), 0);
  return { parts, samples, kind, scale, shards, memory, bytes, warnings: [...warnings, ...fewer] };
}

/** What is counted, as the options say. */
export const scaleOfOptions = ({
  task,
  labelFormat,
  mu,
}: Pick<CompleteStreamOptions, 'task' | 'labelFormat' | 'mu'>): Scale =>
  scaleOf({ task, softTargets: labelFormat === 'soft', mu });

/** The arrays of a part. */
export const arraysOf = ({ logits, labels, labelWeights }: Part): ArraySource[] =>
  labelWeights ? [logits, labels, labelWeights] : [logits, labels];

const dataBytes = (array: ArraySource): number => array.rows * array.columns * DTYPE_BYTES[array.dtype];
