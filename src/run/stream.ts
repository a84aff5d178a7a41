import type { OutputFile } from '../../workers/protocol.ts';
import { breathing } from '../breath.ts';
import type { ChecksummedFile } from '../checksummed-file.ts';
import type { CellKind } from '../density/cells.ts';
import type { Density } from '../density/density.ts';
import { partitionOf } from '../density/partition.ts';
import { type Scale, scaleOf } from '../density/scale.ts';
import { slotsOf } from '../density/set-lines.ts';
import { MOST_PIECES } from '../density/window-pieces.ts';
import { WEIGH_BITS } from '../density/window-table.ts';
import { engineNeeds } from '../engines/engine-needs.ts';
import { NO_WINDOW, type SetSpace, type WindowTables } from '../memory/layout.ts';
import type { CompleteEngineOptions, CompleteRunOptions, CompleteStreamOptions } from '../options/complete-options.ts';
import type { SetRequest } from '../options/set-options.ts';
import { bufferNeeds, cellKindOf, type MemoryPlan, planMemory } from '../plan/buffers.ts';
import type { SetPlan } from '../plan/row-sets.ts';
import { planShards, type Shard, shardSamplesFor } from '../plan/shards.ts';
import { partsOfSlice, planSlice, rowBytesOf, type ShardChoice, type Slice } from '../plan/slices.ts';
import type { List } from '../shared-list/list.ts';
import { SharedListMaker } from '../shared-list/shared-list.ts';
import type { Staging } from '../sinks/staging.ts';
import type { PlannedFile } from '../sources/identity.ts';
import { resolveParts } from '../sources/parts.ts';
import { type Part, type RowRange, rowElementsOf } from '../sources/source.ts';
import { loadPool } from '../worker-pool.ts';
import { planId } from './plan-id.ts';
import { batchStartsOf, planSets, type StreamSets } from './stream-sets.ts';
import type { Summary } from './summary.ts';

/** What a stream was made of, where the user gave something else than arrays. */
export interface Origin {
  /** The files that the user gave. */
  readonly inputs: Summary['inputs'];
  readonly options: object;
  /** Their files as they were when they were read. */
  readonly files: readonly PlannedFile[];
  /** Outputs beside the weights, below the output folder. */
  readonly outputs: readonly string[];
  /** Writes them from the weights that the workers have written. */
  write(staging: Staging, weights: OutputFile, density: Density): Promise<ChecksummedFile[]>;
}

/** The part of a stream that a run does, where it does not do all of it. */
export interface StreamShard extends ShardChoice {
  /** Says which stream was cut how: shards of one plan belong together. */
  readonly plan: string;
}

/** Everything known of a run before its first sample is read. */
export interface Stream {
  readonly parts: List<Part>;
  /** The rows of each part that are read: all of them but where `shard` is not `null`. */
  readonly ranges: readonly RowRange[];
  readonly shard: StreamShard | null;
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

export type OpenStreamOptions = CompleteStreamOptions &
  Pick<CompleteRunOptions, 'threads' | 'memory' | 'signal'> &
  Partial<CompleteEngineOptions>;

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

/** What a run wants to know of its stream. */
export interface StreamNeeds {
  readonly bins: number;
  readonly weigh: boolean;
  readonly sets: SetRequest | null;
  /** Default: no windows. */
  readonly window?: StreamWindow;
  /** Default: as `shardSamplesFor` says. */
  readonly shardSamples?: number | undefined;
  /** Default: the whole stream. */
  readonly shard?: ShardChoice | null;
}

/** Finds the inputs, reads their headers and the column of batches or groups, and plans shards and memory. */
export async function openStream(options: OpenStreamOptions, needs: StreamNeeds): Promise<Stream> {
  const { bins, weigh, shardSamples, shard, window = { fineBits: undefined, weighs: false } } = needs;
  const breathe = breathing(options.signal);
  loadPool();
  const { parts: all, warnings } = await resolveParts(options, process.cwd(), needs.sets, breathe);
  const scale = scaleOfOptions(options);
  // what a slice counts has to add up with the others
  const kind = cellKindOf(all, scale);
  const starts = await batchStartsOf(all, needs.sets, breathe);
  const slice = shard ? planSlice(all, shard, starts) : null;
  const { parts, ranges } = slice ? slicedParts(all, slice) : wholeParts(all);
  const ranged = withRanges({ parts, ranges });
  // to go over 100,000 parts takes half a second, each time
  await breathe();
  const rows = rowsOf(ranged);
  await breathe();
  const shards = shardsOf(rows, shardSamples);
  const widestRow = rows.reduce((widest, { elements }) => Math.max(widest, elements), 1);
  const whole = { firstRow: 0, endRow: sumOf(rows, () => 1) };
  const planned = { all, slice: slice ?? whole, starts, parts: ranged, shards };
  const sets = needs.sets && (await planSets(planned, needs.sets, breathe));
  // an empty slice has no shards
  const engine = engineNeeds(options.engine ?? 'threads', widestRow);
  const threads = Math.max(1, Math.min(options.threads, engine.threads, shards.length));
  const memory = planMemory(
    threads,
    partitionOf({ kind, scale, bins }).thresholds.length,
    options.memory,
    bufferNeeds(parts, kind, weigh),
    widestRow,
    windowTables(kind, window),
    sets ? setSpaceOf(sets, bins) : undefined,
    sets ? ` with ${sets.sets} ${sets.request.kind} of ${bins} regions` : '',
    engine.threadBytes,
  );
  const fewer =
    memory.layout.threads < threads ? [`--memory leaves room for ${memory.layout.threads} of ${threads} threads`] : [];
  return {
    parts,
    ranges,
    samples: sumOf(rows, ({ classes }) => classes),
    kind,
    scale,
    shards,
    memory,
    sets,
    bytes: sumOf(rows, ({ bytes }) => bytes),
    warnings: [...warnings, ...fewer],
    shard: shard ? { ...shard, plan: planId(all, shard.of, options, needs.sets) } : null,
  };
}

type PartsOfStream = Pick<Stream, 'parts' | 'ranges'>;

const wholeParts = (parts: List<Part>): PartsOfStream => ({
  parts,
  ranges: parts.map(({ rows }) => ({ firstRow: 0, endRow: rows })),
});

function slicedParts(all: List<Part>, slice: Slice): PartsOfStream {
  const parts = new SharedListMaker<Part>();
  const ranges: RowRange[] = [];
  for (const { part, range } of partsOfSlice(all, slice)) {
    parts.push(part);
    ranges.push(range);
  }
  return { parts: parts.list(), ranges };
}

/** Parts with the rows of each that are read, made when they are gone over. */
type Ranged = Iterable<Part & RowRange>;

const withRanges = ({ parts, ranges }: PartsOfStream): Ranged => ({
  *[Symbol.iterator]() {
    for (const [i, part] of parts.entries()) yield { ...part, ...ranges[i] };
  },
});

/** The rows that are read of a part, and what each of them has. */
interface PartRows extends RowRange, Pick<Part, 'rows' | 'blocks' | 'classes'> {
  readonly elements: number;
  readonly bytes: number;
}

const rowsOf = (ranged: Ranged): PartRows[] =>
  Array.from(ranged, (part) => {
    const { rows, blocks, classes, firstRow, endRow } = part;
    return { rows, blocks, classes, firstRow, endRow, elements: rowElementsOf(part), bytes: rowBytesOf(part) };
  });

/** The units of work, measured as chunks are by what is read. */
function shardsOf(rows: readonly PartRows[], shardSamples: number | undefined): Shard[] {
  const hasBlocks = rows.some(({ blocks }) => blocks !== null);
  return planShards(
    rows.map((part) => ({ ...part, classes: part.elements })),
    shardSamples ??
      shardSamplesFor(
        sumOf(rows, ({ elements }) => elements),
        hasBlocks,
      ),
  );
}

/** How many units of work a run over all parts has. */
export const shardCountOf = (parts: List<Part>): number =>
  shardsOf(rowsOf(withRanges(wholeParts(parts))), undefined).length;

/** The sum over all rows of what each row of a part has. */
const sumOf = (parts: readonly PartRows[], ofRow: (part: PartRows) => number): number =>
  parts.reduce((sum, part) => sum + (part.endRow - part.firstRow) * ofRow(part), 0);

/** What is counted, as the options say. */
export const scaleOfOptions = ({
  task,
  labelFormat,
  mu,
}: Pick<CompleteStreamOptions, 'task' | 'labelFormat' | 'mu'>): Scale =>
  scaleOf({ task, softTargets: labelFormat === 'soft', mu });

/** The counters that sets need. */
const setSpaceOf = ({ sets, shardSets }: SetPlan, bins: number): SetSpace => ({
  sets,
  scratchSets: shardSets.reduce((most, { count }) => Math.max(most, count), 0),
  slots: slotsOf(bins),
});
