import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { breath } from '../breath.ts';
import { type MatchedDetections, matchedDetections, type NamedFile } from '../coco/matched-detections.ts';
import { writeWeightedResults } from '../coco/weighted-results.ts';
import { usageError } from '../errors.ts';
import type {
  CompleteApplyOptions,
  CompleteHistogramOptions,
  CompleteOutputOptions,
  CompleteReweightOptions,
  CompleteRunOptions,
  CompleteStreamOptions,
} from '../options/complete-options.ts';
import type { CocoApplyOptions, CocoHistogramOptions, CocoReweightOptions, PassName } from '../options/options.ts';
import type { RunPlan } from '../options/results.ts';
import { setRequest } from '../options/set-options.ts';
import { validateApply, validateHistogram, validateReweight } from '../options/validate.ts';
import {
  type CompleteCocoOptions,
  type OverCoco,
  overArrays,
  validateCocoApply,
  validateCocoHistogram,
  validateCocoReweight,
} from '../options/validate-coco.ts';
import { SharedList } from '../shared-list/shared-list.ts';
import { hex32 } from '../sinks/crc32.ts';
import { type OutputForm, outputSuffix } from '../sinks/output-suffix.ts';
import { withScratch } from '../sinks/staging.ts';
import { discover, type FileOption } from '../sources/discover.ts';
import { outputNames } from '../sources/output-name.ts';
import { checkOutputFile, checkOutputPlace } from '../sources/output-place.ts';
import { applyPrepared, openToApply, preparedApply, readWeights } from './apply.ts';
import { outputPaths } from './finish.ts';
import { countStream, openToCount } from './histogram.ts';
import { arrayDtype, checkCodesSuffice } from './output-dtype.ts';

import { planOf } from './plan.ts';
import { openToReweight, reweightStream } from './reweight.ts';
import type { Origin, Stream } from './stream.ts';
import type { PartialSummary, Summary } from './summary.ts';
import { checkFileIsFree, checkFolderIsFree } from './with-run.ts';

/** `reweight` of COCO results. */
export async function reweightDetections(rawOptions: CocoReweightOptions): Promise<Summary> {
  const started = new Date();
  const prepared = await prepareReweight(rawOptions);
  return withDetections(prepared, prepared.options.out, ({ stream, options }) =>
    reweightStream(stream, options, started),
  );
}

/** `histogram` of COCO results. */
export async function countDetections(rawOptions: CocoHistogramOptions, start: number): Promise<PartialSummary> {
  const prepared = await prepareHistogram(rawOptions);
  return withDetections(prepared, dirname(prepared.options.out), ({ stream, options }) =>
    countStream(stream, options, start),
  );
}

/** `apply` to COCO results. */
export async function applyToDetections(rawOptions: CocoApplyOptions, started: Date): Promise<Summary> {
  const { read, ...prepared } = await prepareApply(rawOptions);
  return withDetections(prepared, prepared.options.out, ({ stream, options }) =>
    applyPrepared(preparedApply(options, stream, read), started),
  );
}

/** What `reweight` of COCO results would do. Reads both files, as the run would, and checks all that it checks. */
export async function planReweightOfDetections(rawOptions: CocoReweightOptions): Promise<RunPlan> {
  return planOfDetections('reweight', await prepareReweight(rawOptions));
}

/** What `histogram` of COCO results would do. */
export async function planHistogramOfDetections(rawOptions: CocoHistogramOptions): Promise<RunPlan> {
  return planOfDetections('histogram', await prepareHistogram(rawOptions));
}

/** What `apply` to COCO results would do. */
export async function planApplyToDetections(rawOptions: CocoApplyOptions): Promise<RunPlan> {
  return planOfDetections('apply', await prepareApply(rawOptions));
}

function planOfDetections<T extends CompleteStreamOptions & CompleteRunOptions & { readonly out: string }>(
  command: RunPlan['command'],
  prepared: Prepared<T>,
): Promise<RunPlan> {
  return withDetections(prepared, tmpdir(), async ({ stream }) => ({
    command,
    out: prepared.options.out,
    ...planOf(stream, command === 'reweight' ? 2 : 1, prepared.form),
    readWhole: true,
  }));
}

/** What is known of a run before the first byte of its files is read. */
interface Prepared<T extends CompleteStreamOptions> {
  readonly options: OverCoco<T>;
  readonly files: Files;
  /** For the options of the same run over the arrays that are made. */
  readonly validate: (options: unknown) => T;
  readonly open: (options: T) => Promise<Stream>;
  readonly bins: number;
  /** How weights are written; `null` where none are. */
  readonly form: OutputForm | null;
}

async function prepareReweight(rawOptions: CocoReweightOptions): Promise<Prepared<CompleteReweightOptions>> {
  const options = validateCocoReweight(rawOptions);
  checkCodesSuffice(options.bins, options.density, setRequest(options), options.outputDtype);
  return {
    options,
    files: await filesToWeigh(options),
    validate: validateReweight,
    open: openToReweight,
    bins: options.bins,
    form: options,
  };
}

async function prepareHistogram(rawOptions: CocoHistogramOptions): Promise<Prepared<CompleteHistogramOptions>> {
  const options = validateCocoHistogram(rawOptions);
  const files = await openFiles(options);
  await checkOutputFile(options.out, [files.results, files.annotations]);
  await checkFileIsFree(options);
  return { options, files, validate: validateHistogram, open: openToCount, bins: options.bins, form: null };
}

async function prepareApply(rawOptions: CocoApplyOptions) {
  const options = validateCocoApply(rawOptions);
  const arrays = { logits: options.cocoResults, labels: options.cocoAnnotations };
  const read = await readWeights(overArrays(options, validateApply, arrays));
  const prepared: Prepared<CompleteApplyOptions> = {
    options,
    files: await filesToWeigh(options),
    validate: validateApply,
    open: (made) => openToApply(made, read),
    bins: read.weighed.density.bins,
    form: options,
  };
  return { ...prepared, read };
}

/** The two files of a run, and what its outputs are called after. */
interface Files {
  readonly results: NamedFile;
  readonly annotations: NamedFile;
  readonly outputName: string;
}

async function openFiles({ cocoResults, cocoAnnotations }: CompleteCocoOptions): Promise<Files> {
  const results = await oneFile(cocoResults, '--coco-results');
  const annotations = await oneFile(cocoAnnotations, '--coco-annotations');
  const [outputName] = outputNames([{ path: results.path.replace(/\.json$/, ''), key: null }]);
  return { results, annotations, outputName };
}

async function oneFile(pattern: string, option: FileOption): Promise<NamedFile> {
  const [file, ...others] = await discover(pattern, option);
  if (others.length === 0) return file;
  throw usageError(`${option} ${pattern}: expected one file, found ${others.length + 1}`);
}

/** Name of the weighted results below the output folder. */
const resultsPath = (outputName: string): string => `${outputName}.beta.json`;

/** Finds the files, and sees that the outputs have a place of their own. */
async function filesToWeigh(options: CompleteCocoOptions & CompleteOutputOptions & CompleteRunOptions): Promise<Files> {
  const files = await openFiles(options);
  const { results, annotations, outputName } = files;
  if (options.keep.length > 0)
    throw usageError(
      `--keep: COCO results have no columns; ${resultsPath(outputName)} keeps all fields of its entries`,
    );
  const placed = [{ logits: results, labels: annotations, labelWeights: null, columns: {}, outputName }];
  await checkOutputPlace(options.out, placed, {}, outputSuffix(options));
  const outputs = outputPaths({ parts: placed, origin: { outputs: [resultsPath(outputName)] } }, options);
  await checkFolderIsFree(options, outputs);
  return files;
}

/** Matches the detections, and runs `use` over the arrays that were made of them, which lie in `folder` until it ends. */
async function withDetections<T extends CompleteStreamOptions & CompleteRunOptions, R>(
  prepared: Prepared<T>,
  folder: string,
  use: (made: { readonly stream: Stream; readonly options: T }) => Promise<R>,
): Promise<R> {
  const { options: given, files, validate, open, bins, form } = prepared;
  const run: CompleteRunOptions = given;
  return withScratch(folder, async (scratch) => {
    const match = { iou: given.iou, maxDetections: given.maxDets };
    const made = await matchedDetections(
      { ...files, match, bins, scratch },
      { breathe: () => breath(run.signal), onEntries: paceOf('read', run) },
    );
    const options = overArrays(given, validate, made.arrays);
    const opened = await open(options);
    const origin = originOf(files, made, run, form);
    const warnings = [...made.warnings, ...opened.warnings];
    return use({ stream: { ...opened, parts: named(opened.parts, files), warnings, origin }, options });
  });
}

/** The parts by the names that the user knows. */
function named(parts: Stream['parts'], { results, annotations, outputName }: Files): Stream['parts'] {
  const renamed = parts.map((part) => ({
    ...part,
    outputName,
    logits: { ...part.logits, name: results.name },
    labels: { ...part.labels, name: annotations.name },
  }));
  return SharedList.of(renamed);
}

function originOf(
  { results, annotations, outputName }: Files,
  made: MatchedDetections,
  options: CompleteRunOptions,
  form: OutputForm | null,
): Origin {
  const entries = made.labels.length;
  const path = resultsPath(outputName);
  return {
    inputs: [
      { path: results.name, bytes: made.results.size, dtype: 'COCO results', shape: [entries] },
      { path: annotations.name, bytes: made.annotations.size, dtype: 'COCO annotations', shape: [made.boxes] },
    ],
    options,
    files: [
      { ...results, identity: made.results },
      { ...annotations, identity: made.annotations },
    ],
    outputs: form === null ? [] : [path],
    async write(staging, file, density) {
      if (form === null) return [];
      const onEntries = paceOf('write', options);
      const dtype = arrayDtype(form.outputDtype);
      const weightOf = (value: number) => (dtype === 'uint8' ? Math.fround(density.beta[value] ?? 0) : value);
      const written = await writeWeightedResults(
        await staging.place(path),
        { ...results, identity: made.results },
        { weights: { ...file, dtype, weightOf }, scores: made.scores, labels: made.labels },
        (written) => onEntries(written, entries),
      );
      await onEntries(entries, entries);
      return [{ path, bytes: written.bytes, crc32: hex32(written.crc32) }];
    },
  };
}

/** Tells the progress of a pass over the entries, and ends it where the caller wishes. */
function paceOf(pass: PassName, { signal, onProgress }: CompleteRunOptions) {
  const start = performance.now();
  return (done: number, total: number): Promise<void> => {
    onProgress({ pass, done, total, elapsed: (performance.now() - start) / 1000 });
    return breath(signal);
  };
}
