import type { OutputFile } from '../../workers/protocol.ts';
import type { ChecksummedFile } from '../checksummed-file.ts';
import type { CellKind } from '../density/cells.ts';
import type { Density } from '../density/density.ts';
import { partitionOf } from '../density/partition.ts';
import { type Scale, scaleOf } from '../density/scale.ts';
import { slotsOf } from '../density/set-entries.ts';
import { MOST_PIECES } from '../density/window-pieces.ts';
import { WEIGH_BITS } from '../density/window-table.ts';
import { usageError } from '../errors.ts';
import { NO_WINDOW, type SetSpace, type WindowTables } from '../memory/layout.ts';
import type { CompleteRunOptions, CompleteStreamOptions } from '../options/complete-options.ts';
import { columnOf, type SetRequest } from '../options/set-options.ts';
import { bufferNeeds, cellKindOf, type MemoryPlan, planMemory } from '../plan/buffers.ts';
import { planClasses, planColumnBatches, planGroups, planRowBatches, type SetPlan } from '../plan/row-sets.ts';
import { planShards, type Shard, shardSamplesFor } from '../plan/shards.ts';
import type { Staging } from '../sinks/staging.ts';
import { resolveParts } from '../sources/parts.ts';
import { type ArraySource, arraysOf, DTYPE_BYTES, type Part, rowElementsOf } from '../sources/source.ts';
import { surveyBatches, surveyGroups } from '../sources/survey.ts';
import { openColumn } from './open-column.ts';
import type { Summary } from './summary.ts';

/** What a stream was made of, where the user gave something else than arrays. */
export interface Origin {
  /** The files that the user gave. */
  readonly inputs: Summary['inputs'];
  readonly options: object;
  /** Outputs beside the weights, below the output folder. */
  readonly outputs: readonly string[];
  /** Writes them from the weights that the workers have written. */
  write(staging: Staging, weights: OutputFile, density: Density): Promise<ChecksummedFile[]>;
}

/** Everything known of a run before its first sample is read. */
export interface Stream {
  readonly parts: readonly Part[];
  readonly samples: number;
  readonly kind: CellKind;
  readonly scale: Scale;
  readonly shards: readonly Shard[];
  readonly memory: MemoryPlan;
  /** Batches or groups; `null`: one density for all samples. */
  readonly sets: StreamSets | null;
  /** Bytes of reading all inputs once. */
  readonly bytes: number;
  readonly warnings: readonly string[];
  readonly origin?: Origin;
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

/** The sets of a stream, and the options that asked for them. */
export interface StreamSets extends SetPlan {
  readonly request: SetRequest;
}

/** What a run wants to know of its stream. */
export interface StreamNeeds {
  readonly bins: number;
  readonly weigh: boolean;
  readonly sets: SetRequest | null;
  /** Default: no windows. */
  readonly window?: StreamWindow;
  /** Default: as `shardSamplesFor` says. */
  readonly shardSamples?: number | undefined;
}

/** Finds the inputs, reads their headers and the column of batches or groups, and plans shards and memory. */
export async function openStream(options: OpenStreamOptions, needs: StreamNeeds): Promise<Stream> {
  const { bins, weigh, shardSamples, window = { fineBits: undefined, weighs: false } } = needs;
  const { parts, samples, warnings } = await resolveParts(options, process.cwd(), needs.sets);
  const scale = scaleOfOptions(options);
  const kind = cellKindOf(parts, scale);
  // shards and chunks are measured by what is read
  const elements = parts.reduce((sum, part) => sum + part.rows * rowElementsOf(part), 0);
  const shards = planShards(
    parts.map((part) => ({ ...part, classes: rowElementsOf(part) })),
    shardSamples ?? shardSamplesFor(elements),
  );
  const widestRow = parts.reduce((widest, part) => Math.max(widest, rowElementsOf(part)), 1);
  const sets = needs.sets && { request: needs.sets, ...(await planSets(parts, shards, needs.sets)) };
  const threads = Math.min(options.threads, shards.length);
  const memory = planMemory(
    threads,
    partitionOf({ kind, scale, bins }).thresholds.length,
    options.memory,
    bufferNeeds(parts, kind, weigh),
    widestRow,
    windowTables(kind, window),
    sets ? setSpaceOf(sets, bins) : undefined,
    sets ? ` with ${sets.sets} ${sets.request.kind} of ${bins} regions` : '',
  );
  const fewer =
    memory.layout.threads < threads ? [`--memory leaves room for ${memory.layout.threads} of ${threads} threads`] : [];
  const bytes = parts.flatMap(arraysOf).reduce((sum, array) => sum + dataBytes(array), 0);
  return { parts, samples, kind, scale, shards, memory, sets, bytes, warnings: [...warnings, ...fewer] };
}

/** What is counted, as the options say. */
export const scaleOfOptions = ({
  task,
  labelFormat,
  mu,
}: Pick<CompleteStreamOptions, 'task' | 'labelFormat' | 'mu'>): Scale =>
  scaleOf({ task, softTargets: labelFormat === 'soft', mu });

/** Reads what has to be read of the column to know the sets and where they are. */
async function planSets(parts: readonly Part[], shards: readonly Shard[], request: SetRequest): Promise<SetPlan> {
  const column = columnOf(request);
  if (request.kind === 'groups' && column === null && parts.some(({ targets }) => targets === 'softmax')) {
    throw usageError('--group class: a softmax has one sample a row, whose logits are all classes; group by a column');
  }
  if (request.kind === 'groups') {
    return column === null
      ? planClasses(parts, shards)
      : planGroups(parts, shards, column, await surveyGroups(parts, column, openColumn));
  }
  return request.by === 'rows'
    ? planRowBatches(parts, shards, request.rows)
    : planColumnBatches(parts, shards, await surveyBatches(parts, request.column, openColumn), request.size);
}

/** The counters that sets need. */
const setSpaceOf = ({ sets, shardSets }: SetPlan, bins: number): SetSpace => ({
  sets,
  scratchSets: shardSets.reduce((most, { count }) => Math.max(most, count), 0),
  slots: slotsOf(bins),
});

const dataBytes = (array: ArraySource): number => array.rows * array.columns * DTYPE_BYTES[array.dtype];
