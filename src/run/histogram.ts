import { existsSync, statSync } from 'node:fs';
import { breathing } from '../breath.ts';
import { type CellCounts, POSITIVE } from '../density/cells.ts';
import { noCounts } from '../density/no-counts.ts';
import { partitionOf } from '../density/partition.ts';
import { type Piece, piecesOf } from '../density/pieces.ts';
import { regionCounts } from '../density/regions.ts';
import { sameScale } from '../density/scale.ts';
import { emptySetCounts } from '../density/set-counts.ts';
import type { EngineFacts } from '../engines/engine.ts';
import { withEngine } from '../engines/with-engine.ts';
import type { CompleteHistogramOptions } from '../options/complete-options.ts';
import type { CocoHistogramOptions, HistogramOptions } from '../options/options.ts';
import { describeRequest, setRequest } from '../options/set-options.ts';
import { shardOf } from '../options/shard.ts';
import { validateHistogram } from '../options/validate.ts';
import { asksForCoco } from '../options/validate-coco.ts';
import { encodePartial } from '../partial/partial-file.ts';
import { readPartial } from '../partial/read.ts';
import { writeWhole } from '../sinks/staging.ts';
import { checkUnchanged } from '../sources/identity.ts';
import { checkOutputFile } from '../sources/output-place.ts';
import { arraysOfAll } from '../sources/source.ts';
import { countPass, setsOf } from './passes.ts';
import { openStream, type Stream } from './stream.ts';
import type { PartialSummary } from './summary.ts';
import { checkFileIsFree, withFileRun } from './with-run.ts';

/**
 * Pass 1 alone: counts the samples into a partial, a small file that can be merged with others and applied.
 *
 * @throws GhmError with the exit code the command line would end with
 */
export async function histogram(rawOptions: HistogramOptions | CocoHistogramOptions): Promise<PartialSummary> {
  const start = performance.now();
  if (!asksForCoco(rawOptions)) {
    const { options, stream, countedBefore } = await prepareHistogram(rawOptions);
    if (countedBefore === null) return countStream(stream, options, start);
    return { ...partialSummary(countedBefore, options, 'histogram', start), wasThere: true };
  }
  const { countDetections } = await import('./detections.ts');
  return countDetections(rawOptions, start);
}

/** Pass 1 over a stream, into a partial. */
export async function countStream(
  stream: Stream,
  options: CompleteHistogramOptions,
  start: number,
): Promise<PartialSummary> {
  const { nonFinite, onWarning, bins, windowBits, out } = options;
  for (const warning of stream.warnings) onWarning(warning);
  const { kind, scale, parts, shards, sets } = stream;
  if (stream.samples === 0) {
    const none = noCounts({ kind, scale, bins }, windowBits);
    return writePartial(ofStream(none, stream), out, 'histogram', start, (content) => writeWhole(out, content, true));
  }
  const work = {
    kind,
    scale,
    parts,
    shards,
    sets,
    nonFinite,
    checkWhileWeighing: false,
    outputs: [],
    outputBytes: 4,
  } as const;
  // another run of the same shard may be under way, and writes the same bytes
  if (stream.shard !== null) {
    return withEngine({ ...options, work, plan: stream.memory }, async (engine) => {
      const { result } = await countPass(engine, stream, options, null);
      await checkUnchanged(arraysOfAll(parts), breathing(options.signal));
      const write = (content: string) => writeWhole(out, content, true);
      return writePartial(ofStream(result, stream), out, 'histogram', start, write, engine.facts);
    });
  }
  return withFileRun('histogram', stream, options, (run, write) =>
    withEngine({ ...options, out: run.staging.hidden, work, plan: stream.memory }, async (engine) => {
      const { result } = await countPass(engine, stream, options, run);
      return writePartial(ofStream(result, stream), out, 'histogram', start, write, engine.facts);
    }),
  );
}

/** Counts as a partial has them: with the shard that they are of, and with sets where there was nothing to count. */
function ofStream(counts: CellCounts, { sets, shard }: Stream): CellCounts {
  const none = sets && !counts.sets && { ...setsOf(sets), counts: emptySetCounts(counts, sets.sets) };
  return {
    ...counts,
    ...(none && { sets: none }),
    ...(shard && { shards: { of: shard.of, plan: shard.plan, indices: [shard.index] } }),
  };
}

/** Everything before the first sample is read, and before anything is written. */
export async function prepareHistogram(
  rawOptions: HistogramOptions,
): Promise<{ options: CompleteHistogramOptions; stream: Stream; countedBefore: CellCounts | null }> {
  const options = validateHistogram(rawOptions);
  const stream = await openToCount(options);
  await checkOutputFile(options.out, arraysOfAll(stream.parts), breathing(options.signal));
  const countedBefore = await countedThere(stream, options);
  if (countedBefore === null) await checkFileIsFree(options);
  return { options, stream, countedBefore };
}

/** What the output holds, where that is what would be counted: a scheduler may run a shard twice. */
export async function countedThere(
  { shard, kind, scale }: Stream,
  { out, force, bins, windowBits }: CompleteHistogramOptions,
): Promise<CellCounts | null> {
  if (shard === null || force || !existsSync(out)) return null;
  const there = await readPartial(out).catch(() => null);
  const isSame =
    there?.shards?.plan === shard.plan &&
    there.shards.indices.join() === String(shard.index) &&
    sameScale(there.scale, scale) &&
    there.bins === bins &&
    there.fine?.bits === (kind === 'float16' ? undefined : windowBits);
  return isSame ? there : null;
}

/** The stream of pass 1 alone. */
export const openToCount = (options: CompleteHistogramOptions): Promise<Stream> =>
  openStream(options, {
    bins: options.bins,
    weigh: false,
    sets: setRequest(options),
    shard: shardOf(options.shard),
    window: { fineBits: options.windowBits, weighs: false },
  });

/** Writes a partial and says what is in it. */
export async function writePartial(
  counts: CellCounts,
  out: string,
  command: PartialSummary['command'],
  start: number,
  write: (content: string) => Promise<void>,
  engine?: EngineFacts,
): Promise<PartialSummary> {
  await write(encodePartial(counts));
  return partialSummary(counts, { out }, command, start, engine);
}

/** What is in a partial that is written. */
function partialSummary(
  counts: CellCounts,
  { out }: { readonly out: string },
  command: PartialSummary['command'],
  start: number,
  engine?: EngineFacts,
): PartialSummary {
  const partition = partitionOf(counts);
  const pieces = piecesOf(counts, partition);
  const sum = (some: readonly Piece[]) => some.reduce((total, { count }) => total + count, 0);
  return {
    command,
    ...(engine && { engine }),
    ...counts.scale,
    out,
    bytes: statSync(out).size,
    kind: counts.kind,
    bins: counts.bins,
    total: sum(pieces),
    ignored: counts.ignored,
    positives: sum(pieces.filter(({ label }) => label === POSITIVE)),
    ...setsSummary(counts),
    ...(counts.shards && { shards: { of: counts.shards.of, indices: counts.shards.indices } }),
    counts: regionCounts(counts, partition, counts.bins).counts,
    seconds: (performance.now() - start) / 1000,
  };
}

function setsSummary({ sets }: CellCounts): Pick<PartialSummary, 'sets'> {
  if (sets === undefined) return {};
  return { sets: { by: describeRequest(sets.request), count: sets.counts.sets } };
}
