import { breathing } from '../breath.ts';
import { withEngine } from '../engines/with-engine.ts';
import { asksForBullmq, type BullmqReweightOptions } from '../options/bullmq-options.ts';
import type { CompleteReweightOptions } from '../options/complete-options.ts';
import type { CocoReweightOptions, ReweightOptions } from '../options/options.ts';
import { setRequest } from '../options/set-options.ts';
import { validateReweight } from '../options/validate.ts';
import { asksForCoco } from '../options/validate-coco.ts';
import { itemOf } from '../shared-list/list.ts';
import { reserveSpace } from '../sinks/disk-space.ts';
import { outputSuffix } from '../sinks/output-suffix.ts';
import { checkOutputPlace } from '../sources/output-place.ts';
import { densityOf } from './density-of.ts';
import { beginReport, finishRun, outputPaths, preloadReport } from './finish.ts';
import { checkKeep } from './keep.ts';
import { checkCodesSuffice, checkWeightsFit, outputTable } from './output-dtype.ts';
import { completeOutputs, createOutputs, weighingWork } from './outputs.ts';
import { countPass, weighPass } from './passes.ts';
import { openStream, type Stream } from './stream.ts';
import type { Summary } from './summary.ts';
import { checkFolderIsFree, withFolderRun } from './with-run.ts';

/**
 * The main job: counts the gradient norms of every sample, makes the density, and writes the weight beta of every
 * sample as `NAME.beta.npy` (or in another format) beside density.json, summary.json and report.html in `out`.
 *
 * Detections in place of arrays (`cocoResults`) are matched with `cocoAnnotations` first, and are written again with their
 * weights.
 *
 * With `engine: 'bullmq'` the workers of a queue do it, on any machines: see `worker`.
 *
 * Results do not depend on threads, memory or shard size. After a failure or an abort either nothing is left behind, or, of more than a
 * second's work, what `resume` goes on with: a hidden folder in `out`.
 *
 * @throws GhmError with the exit code the command line would end with: 1 failure, 2 usage, 3 bad data, 130 aborted
 */
export async function reweight(
  options: ReweightOptions | CocoReweightOptions | BullmqReweightOptions,
): Promise<Summary> {
  if (asksForBullmq(options)) {
    const { reweightByWorkers } = await import('./reweight-by-workers.ts');
    return reweightByWorkers(options);
  }
  if (!asksForCoco(options)) return reweightInShards(options);
  const { reweightDetections } = await import('./detections.ts');
  return reweightDetections(options);
}

/** Everything before the first sample is read, and before anything is written. */
export async function prepareReweight(
  rawOptions: ReweightOptions,
  shardSamples?: number,
): Promise<{ options: CompleteReweightOptions; stream: Stream }> {
  const options = validateReweight(rawOptions);
  checkCodesSuffice(options.bins, options.density, setRequest(options), options.outputDtype);
  const stream = await openToReweight(options, shardSamples);
  const breathe = breathing(options.signal);
  await checkKeep(stream.parts, options, breathe);
  await checkOutputPlace(options.out, stream.parts, options, outputSuffix(options), breathe);
  await checkFolderIsFree(options, outputPaths(stream, options));
  return { options, stream };
}

/** The stream of both passes. */
export const openToReweight = (options: CompleteReweightOptions, shardSamples?: number): Promise<Stream> =>
  openStream(options, {
    bins: options.bins,
    weigh: true,
    sets: setRequest(options),
    window: { fineBits: options.windowBits, weighs: options.density === 'window' },
    shardSamples,
  });

/** As `reweight`, with the shard size given: results must not depend on it. */
export async function reweightInShards(rawOptions: ReweightOptions, shardSamples?: number): Promise<Summary> {
  const started = new Date();
  const { options, stream } = await prepareReweight(rawOptions, shardSamples);
  return reweightStream(stream, options, started);
}

/** Both passes over a stream, and all that is written. */
export async function reweightStream(
  stream: Stream,
  options: CompleteReweightOptions,
  started: Date,
): Promise<Summary> {
  const { outputDtype, onWarning } = options;
  for (const warning of stream.warnings) onWarning(warning);

  const paths = outputPaths(stream, options);
  return withFolderRun({ command: 'reweight', stream, paths }, options, async (run, digest) => {
    const { staging } = run;
    const outputs = await createOutputs(staging, stream, options, options.signal);
    const work = weighingWork(stream, options, outputs, false);
    const engineOptions = { ...options, out: staging.hidden, work, plan: stream.memory };
    const { weighed, ...known } = await withEngine(engineOptions, async (engine) => {
      const counting = countPass(engine, stream, options, run);
      preloadReport();
      const reserving = reserveSpace(outputs, breathing(options.signal));
      // told below
      reserving.catch(() => undefined);
      const counted = await counting;
      await reserving;

      const breathe = breathing(options.signal);
      const weighedDensity = await densityOf(counted.result, options.density, options, breathe);
      checkWeightsFit(weighedDensity, outputDtype);
      await breathe();

      const { density } = weighedDensity;
      const begun = { command: 'reweight', digest, started, stream, density, counts: counted.result } as const;
      const table = outputTable(stream.kind, weighedDensity, outputDtype);
      const weighing = weighPass(engine, stream, table, options, run.weighKeeper(outputs));
      const report = beginReport(begun, options);
      const weighed = await weighing;
      const passes = { count: counted.time, weigh: weighed.time };
      return { ...begun, engine: engine.facts, report, passes, weighed: weighed.result };
    });
    const finished = {
      ...known,
      besides: (await stream.origin?.write(staging, itemOf(outputs, 0), known.density)) ?? [],
      weights: await completeOutputs(stream, outputs, options, weighed),
    };
    return finishRun(staging, finished, options);
  });
}
