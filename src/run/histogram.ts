import type { CellCounts } from '../density/cells.ts';
import { partitionOf } from '../density/partition.ts';
import { regionCounts } from '../density/regions.ts';
import { withEngine } from '../engines/with-engine.ts';
import type { CompleteHistogramOptions } from '../options/complete-options.ts';
import type { CocoHistogramOptions, HistogramOptions } from '../options/options.ts';
import { describeRequest, setRequest } from '../options/set-options.ts';
import { validateHistogram } from '../options/validate.ts';
import { asksForCoco } from '../options/validate-coco.ts';
import { encodePartial } from '../partial/partial-file.ts';
import { checkAbsent, writeWhole } from '../sinks/staging.ts';
import { checkOutputFile } from '../sources/output-place.ts';
import { arraysOf } from '../sources/source.ts';
import { countPass } from './passes.ts';
import { openStream, type Stream } from './stream.ts';
import type { PartialSummary } from './summary.ts';

/**
 * Pass 1 alone: counts the samples into a partial, a small file that can be merged with others and applied.
 *
 * @throws GhmError with the exit code the command line would end with
 */
export async function histogram(rawOptions: HistogramOptions | CocoHistogramOptions): Promise<PartialSummary> {
  const start = performance.now();
  if (!asksForCoco(rawOptions)) {
    const { options, stream } = await prepareHistogram(rawOptions);
    return countStream(stream, options, start);
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
  const { nonFinite, onWarning } = options;
  for (const warning of stream.warnings) onWarning(warning);
  const { kind, scale, parts, shards, sets } = stream;
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
  return withEngine({ ...options, work, plan: stream.memory }, async (engine) => {
    const { result } = await countPass(engine, stream, options);
    return writePartial(result, options, 'histogram', start);
  });
}

/** Everything before the first sample is read, and before anything is written. */
export async function prepareHistogram(
  rawOptions: HistogramOptions,
): Promise<{ options: CompleteHistogramOptions; stream: Stream }> {
  const options = validateHistogram(rawOptions);
  const stream = await openToCount(options);
  checkOutputFile(options.out, stream.parts.flatMap(arraysOf));
  checkAbsent(options.out, options.force);
  return { options, stream };
}

/** The stream of pass 1 alone. */
export const openToCount = (options: CompleteHistogramOptions): Promise<Stream> =>
  openStream(options, {
    bins: options.bins,
    weigh: false,
    sets: setRequest(options),
    window: { fineBits: options.windowBits, weighs: false },
  });

/** Writes a partial and says what is in it. */
export async function writePartial(
  counts: CellCounts,
  { out, force }: { readonly out: string; readonly force: boolean },
  command: PartialSummary['command'],
  start: number,
): Promise<PartialSummary> {
  const content = encodePartial(counts);
  await writeWhole(out, content, force);
  const sum = (table: Float64Array) => table.reduce((total, count) => total + count, 0);
  const positives = sum(counts.cells[1]);
  return {
    command,
    ...counts.scale,
    out,
    bytes: Buffer.byteLength(content),
    kind: counts.kind,
    bins: counts.bins,
    total: sum(counts.cells[0]) + positives,
    ignored: counts.ignored,
    positives,
    ...setsSummary(counts),
    counts: regionCounts(counts, partitionOf(counts), counts.bins).counts,
    seconds: (performance.now() - start) / 1000,
  };
}

function setsSummary({ sets }: CellCounts): Pick<PartialSummary, 'sets'> {
  if (sets === undefined) return {};
  return { sets: { by: describeRequest(sets.request), count: sets.counts.sets } };
}
