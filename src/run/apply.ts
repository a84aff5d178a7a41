import { breathing } from '../breath.ts';
import type { WeighedDensity } from '../density/counted-sets.ts';
import type { Density, WindowDensity } from '../density/density.ts';
import { sameScale, scaleName, scaleOf } from '../density/scale.ts';
import { withEngine } from '../engines/with-engine.ts';
import { usageError } from '../errors.ts';
import type { CompleteApplyOptions } from '../options/complete-options.ts';
import type { ApplyOptions, CocoApplyOptions } from '../options/options.ts';
import { checkEngine, validateApply } from '../options/validate.ts';
import { asksForCoco } from '../options/validate-coco.ts';
import { type CountsOrDensity, type ReadDensity, readCountsOrDensity } from '../partial/read.ts';
import type { ShardChoice } from '../plan/slices.ts';
import { itemOf } from '../shared-list/list.ts';
import { reserveSpace } from '../sinks/disk-space.ts';
import { outputSuffix } from '../sinks/output-suffix.ts';
import { checkOutputPlace } from '../sources/output-place.ts';
import { setsOf, weightsOfStream } from './apply-sets.ts';
import { beginReport, finishRun, outputPaths } from './finish.ts';
import { givenDensity } from './given-density.ts';
import { checkKeep } from './keep.ts';
import { checkCodesSuffice, checkWeightsFit, outputTable } from './output-dtype.ts';
import { completeOutputs, createOutputs, weighingWork } from './outputs.ts';
import { weighPass } from './passes.ts';
import { openStream, type Stream, scaleOfOptions } from './stream.ts';
import type { Summary } from './summary.ts';
import { checkFolderIsFree, withFolderRun } from './with-run.ts';

/**
 * Pass 2 alone: weighs samples by a density counted before, here or elsewhere. With the partial of the same files the
 * weights and density.json are the very bytes that `reweight` writes.
 *
 * @throws GhmError with the exit code the command line would end with
 */
export async function apply(options: ApplyOptions | CocoApplyOptions): Promise<Summary> {
  const started = new Date();
  if (!asksForCoco(options)) return applyPrepared(await prepareApply(validateApply(options)), started);
  const { applyToDetections } = await import('./detections.ts');
  return applyToDetections(options, started);
}

/** Pass 2 over a stream, and all that is written. */
export async function applyPrepared(
  { options, stream, given, weights }: PreparedApply,
  started: Date,
): Promise<Summary> {
  const { density } = weights;
  const { outputDtype, onWarning } = options;
  for (const warning of stream.warnings) onWarning(warning);

  const request = { command: 'apply', stream, paths: outputPaths(stream, options), density: options.density } as const;
  return withFolderRun(request, options, async (run, digest) => {
    const { staging } = run;
    const outputs = await createOutputs(staging, stream, options, options.signal);
    const work = weighingWork(stream, options, outputs, true);
    const engineOptions = { ...options, out: staging.hidden, work, plan: stream.memory, bins: density.bins };
    const { weighed, ...known } = await withEngine(engineOptions, async (engine) => {
      const begun = {
        command: 'apply',
        digest,
        started,
        stream,
        density,
        counts: given.kind === 'counts' ? given.counts : null,
        densityFile: { path: options.density, ...given.file },
      } as const;
      await reserveSpace(outputs, breathing(options.signal));
      const table = outputTable(stream.kind, weights, outputDtype);
      const weighing = weighPass(engine, stream, table, options, run.weighKeeper(outputs));
      const report = beginReport(begun, options);
      const weighed = await weighing;
      return { ...begun, engine: engine.facts, report, passes: { weigh: weighed.time }, weighed: weighed.result };
    });
    const finished = {
      ...known,
      besides: (await stream.origin?.write(staging, itemOf(outputs, 0), density)) ?? [],
      weights: await completeOutputs(stream, outputs, options, weighed),
    };
    return finishRun(staging, finished, options);
  });
}

/** What `apply` needs to know before it weighs. */
export interface PreparedApply {
  readonly options: CompleteApplyOptions;
  readonly stream: Stream;
  readonly given: ReadDensity;
  /** Weights of the sets of this stream, in its order. */
  readonly weights: WeighedDensity;
  /** Those of all sets that were given. */
  readonly allWeights: WeighedDensity;
}

/** Everything before the first sample is read, and before anything is written. */
export async function prepareApply(
  options: CompleteApplyOptions,
  shard: ShardChoice | null = null,
): Promise<PreparedApply> {
  const read = await readWeights(options);
  const stream = await openToApply(options, read, shard);
  const breathe = breathing(options.signal);
  await checkKeep(stream.parts, options, breathe);
  await checkOutputPlace(options.out, stream.parts, options, outputSuffix(options), breathe);
  await checkFolderIsFree(options, outputPaths(stream, options));
  return preparedApply(options, stream, read);
}

/** What the file of `--density` says of the weights, whatever is weighed. */
export interface WeightsRead {
  readonly given: ReadDensity;
  readonly sets: ReturnType<typeof setsOf>;
  readonly weighed: WeighedDensity;
}

export async function readWeights(options: CompleteApplyOptions): Promise<WeightsRead> {
  const breathe = breathing(options.signal);
  const given = await readCountsOrDensity(options.density, breathe);
  const sets = setsOf(given, options);
  const weighed = await givenDensity(given, options, breathe);
  const { density } = weighed;
  checkTask(density, options);
  checkEngine(options.engine, density.method, sets?.request ?? null);
  checkCodesSuffice(density.bins, density.method, sets?.request ?? null, options.outputDtype);
  checkWeightsFit(weighed, options.outputDtype);
  return { given, sets, weighed };
}

/** The stream of pass 2 alone. */
export const openToApply = (
  options: CompleteApplyOptions,
  { sets, weighed }: WeightsRead,
  shard: ShardChoice | null = null,
): Promise<Stream> =>
  openStream(
    { ...options, mu: weighed.density.mu },
    {
      bins: weighed.density.bins,
      weigh: true,
      sets: sets?.request ?? null,
      shard,
      window: { fineBits: undefined, weighs: weighed.density.method === 'window' },
    },
  );

/** The weights of a stream, and what the user should know of a density that was counted elsewhere. */
export function preparedApply(
  options: CompleteApplyOptions,
  stream: Stream,
  { given, sets, weighed }: WeightsRead,
): PreparedApply {
  const weights = stream.sets && sets ? weightsOfStream(weighed, sets, stream.sets, options.density) : weighed;
  const warnings = [...stream.warnings, ...densityWarnings(weighed.density, given)];
  return { options, stream: { ...stream, warnings }, given, weights, allWeights: weighed };
}

/** @throws usageError where the density is of another task than the samples */
export function checkTask(
  density: Density,
  options: Pick<CompleteApplyOptions, 'density' | 'task' | 'labelFormat' | 'mu'>,
): void {
  const counted = scaleOf(density);
  const asked = scaleOfOptions({ ...options, mu: options.mu ?? density.mu });
  if (sameScale(counted, asked)) return;
  const flag = {
    classification: density.softTargets ? '--label-format soft' : '--task classification',
    softmax: '--task softmax',
    regression: density.task === options.task ? `--mu ${density.mu}` : '--task regression',
  }[density.task];
  throw usageError(
    `--density ${options.density}: made for ${scaleName(counted)}, and the samples are read for ${scaleName(asked)}; use ${flag}, ` +
      'or the density of these samples',
  );
}

function densityWarnings(density: Density, given: CountsOrDensity): string[] {
  if (density.window) return windowWarnings(density.window, given);
  const empty = density.bins - density.validBins;
  const uncertain = density.countsUncertain ?? 0;
  const { groups } = density;
  const partlyEmpty = groups?.validBins.filter((bins) => bins < density.bins).length ?? 0;
  return [
    ...(partlyEmpty > 0
      ? [
          `${partlyEmpty} of ${groups?.values.length} groups have empty regions: samples of theirs that fall there get weight 0`,
        ]
      : []),
    ...(empty > 0 && !groups && !density.batches
      ? [`${empty} of ${density.bins} regions are empty in this density: samples that fall there get weight 0`]
      : []),
    ...(uncertain > 0
      ? [
          `the partial was not counted for ${density.bins} regions: at most ${uncertain} samples are counted in a ` +
            'region beside their own (weights still follow the exact edges)',
        ]
      : []),
  ];
}

function windowWarnings({ errorBound }: WindowDensity, given: CountsOrDensity): string[] {
  if (given.kind === 'density' || given.counts.kind === 'float16' || given.counts.fine) return [];
  const percent = (bound: number): string => `${Number((100 * bound).toPrecision(2))} %`;
  return [
    `the partial was not counted for windows: their density is certain to ${percent(errorBound.mean)} in the mean and ` +
      `${percent(errorBound.max)} at worst; ghm histogram --density window counts more finely`,
  ];
}
