import { usageError } from '../errors.ts';
import { availableThreads, MOST_THREADS } from './available-threads.ts';
import type {
  CompleteApplyOptions,
  CompleteDemoOptions,
  CompleteEngineOptions,
  CompleteFinishOptions,
  CompleteHistogramOptions,
  CompleteMergeOptions,
  CompleteOutliersOptions,
  CompleteOutputOptions,
  CompleteReweightOptions,
  CompleteRunOptions,
  CompleteShardApplyOptions,
} from './complete-options.ts';
import {
  binsOption,
  checkBatches,
  checkMethod,
  countOptions,
  densityOptions,
  givenDensity,
  momentumOptions,
  setOptions,
} from './density-options.ts';
import { ENGINES, type EngineName } from './engines.ts';
import {
  abortSignal,
  callback,
  choice,
  integer,
  names,
  path,
  type RawOptions,
  rawOptions,
  requiredPath,
  requiredPaths,
  yes,
} from './fields.ts';
import { memorySize } from './memory-size.ts';
import type { DensityMethod, Progress } from './options.ts';
import { OUTLIERS, outliersChoice } from './outliers-options.ts';
import { type SetRequest, setRequest } from './set-options.ts';
import { requiredShard, shardText } from './shard.ts';
import { streamOptions } from './stream-options.ts';

const RUN = ['threads', 'memory', 'signal', 'onProgress', 'onWarning'];
/** Where the arrays are and how they are read. */
export const STREAM: readonly string[] = [
  'task',
  'logits',
  'labels',
  'labelWeights',
  'columns',
  'files',
  'logitsKey',
  'labelsKey',
  'labelWeightsKey',
  'bboxPred',
  'bboxTarget',
  'bboxWeights',
  'bboxPredKey',
  'bboxTargetKey',
  'bboxWeightsKey',
  'mu',
  'labelFormat',
  'backgroundLabel',
  'ignoreLabel',
  'labelBase',
  'nonFinite',
];
const COUNT = ['density', 'windowBits'];
const DENSITY = ['bins', 'normalize', 'epsilon', 'maxWeight', 'meanOne', 'focalGamma', 'focalAlpha'];
const SETS = ['batch', 'batchSize', 'group'];
const MOMENTUM = ['momentum', 'biasCorrection'];
const SHARD = ['shard'];
const OUTPUT = ['out', 'format', 'outputDtype', 'keep', 'force', 'resume'];
const ENGINE = ['engine'];

/** Keys of how a partial is made a density. */
export const GIVEN_DENSITY = ['method', ...DENSITY, ...MOMENTUM];

/** Both passes. @throws GhmError (usage) naming the flag, what was expected and what was found. */
export function validateReweight(options: unknown): CompleteReweightOptions {
  const raw = rawOptions(options, 'reweight', [
    ...STREAM,
    ...COUNT,
    ...DENSITY,
    ...SETS,
    ...MOMENTUM,
    ...OUTPUT,
    ...ENGINE,
    ...RUN,
  ]);
  const counted = countOptions(raw);
  const batches = { ...setOptions(raw), ...momentumOptions(raw) };
  checkBatches(batches);
  checkMethod(counted.density, batches);
  const computed = engine(raw);
  checkEngine(computed.engine, counted.density, setRequest(batches));
  return Object.freeze({
    ...streamOptions(raw),
    ...counted,
    ...densityOptions(raw, counted.density),
    ...batches,
    ...output(raw),
    ...computed,
    ...run(raw),
  });
}

/** Pass 1 alone. @throws GhmError (usage) */
export function validateHistogram(options: unknown): CompleteHistogramOptions {
  const raw = rawOptions(options, 'histogram', [
    ...STREAM,
    ...COUNT,
    ...SETS,
    ...SHARD,
    'bins',
    'out',
    'force',
    'resume',
    ...ENGINE,
    ...RUN,
  ]);
  const counted = countOptions(raw);
  const chosen = setOptions(raw);
  checkMethod(counted.density, chosen);
  const computed = engine(raw);
  checkEngine(computed.engine, counted.density, setRequest(chosen));
  return Object.freeze({
    ...streamOptions(raw),
    ...counted,
    ...chosen,
    shard: shardText(raw),
    bins: binsOption(raw) ?? 30,
    out: requiredPath(raw, 'out', 'the file to write'),
    force: yes(raw, 'force'),
    resume: yes(raw, 'resume'),
    ...computed,
    ...run(raw),
  });
}

/** Sum of partials. @throws GhmError (usage) */
export function validateMerge(options: unknown): CompleteMergeOptions {
  const raw = rawOptions(options, 'merge', ['partials', 'out', 'force', 'signal']);
  return Object.freeze({
    partials: requiredPaths(raw, 'partials', 'at least one file, folder or quoted glob'),
    out: requiredPath(raw, 'out', 'the file to write'),
    force: yes(raw, 'force'),
    signal: abortSignal(raw),
  });
}

/** Pass 2 alone. @throws GhmError (usage) */
export const validateApply = (options: unknown): CompleteApplyOptions =>
  Object.freeze(applyOptions(rawApplyOptions(options, [])));

/** One shard of pass 2. @throws GhmError (usage) */
export function validateShardApply(options: unknown): CompleteShardApplyOptions {
  const raw = rawApplyOptions(options, SHARD);
  return Object.freeze({ ...applyOptions(raw), shard: requiredShard(raw) });
}

const rawApplyOptions = (options: unknown, more: readonly string[]): RawOptions =>
  rawOptions(options, 'apply', [
    'density',
    'method',
    ...STREAM,
    ...DENSITY,
    ...SETS,
    ...MOMENTUM,
    ...OUTPUT,
    ...ENGINE,
    ...RUN,
    ...more,
  ]);

function applyOptions(raw: RawOptions): CompleteApplyOptions {
  return {
    density: requiredPath(raw, 'density', 'the file of a partial or a density.json'),
    ...streamOptions(raw),
    ...givenDensity(raw),
    ...setOptions(raw),
    ...momentumOptions(raw),
    ...output(raw),
    ...engine(raw),
    ...run(raw),
  };
}

/** The last step of a run in shards. @throws GhmError (usage) */
export function validateFinish(options: unknown): CompleteFinishOptions {
  const raw = rawOptions(options, 'finish', ['out', 'force', 'signal', 'onProgress', 'onWarning']);
  const { signal, onProgress, onWarning } = run(raw);
  return Object.freeze({
    out: requiredPath(raw, 'out', 'the folder that ghm apply --shard wrote into'),
    force: yes(raw, 'force'),
    signal,
    onProgress,
    onWarning,
  });
}

/** The hardest samples. @throws GhmError (usage) */
export function validateOutliers(options: unknown): CompleteOutliersOptions {
  const raw = rawOptions(options, 'outliers', [...STREAM, ...OUTLIERS, ...RUN]);
  return Object.freeze({ ...streamOptions(raw), ...outliersChoice(raw), ...run(raw) });
}

/** The main job on the sample of the package. @throws GhmError (usage) */
export function validateDemo(options: unknown): CompleteDemoOptions {
  const raw = rawOptions(options, 'demo', ['out', 'force', ...RUN]);
  return Object.freeze({ out: path(raw, 'out', 'the folder to write into'), force: yes(raw, 'force'), ...run(raw) });
}

/** Files to look at. @throws GhmError (usage) */
export function validateInspect(files: unknown): readonly string[] {
  return requiredPaths({ files }, 'files', 'at least one file or quoted glob');
}

/** What ends an inspection. @throws GhmError (usage) */
export const inspectSignal = (options: unknown): AbortSignal | undefined =>
  abortSignal(rawOptions(options, 'inspect', ['signal']));

function run(raw: RawOptions): CompleteRunOptions {
  return {
    threads: threads(raw),
    memory: memorySize(raw.memory),
    signal: abortSignal(raw),
    onProgress: callback<[Progress]>(raw, 'onProgress'),
    onWarning: callback<[string]>(raw, 'onWarning'),
  };
}

/** @throws GhmError (usage) where tensors do not do what is asked */
export function checkEngine(engine: EngineName, method: DensityMethod, sets: SetRequest | null): void {
  if (engine === 'threads' || (method === 'unit-region' && sets === null)) return;
  const what = sets === null ? 'windows' : sets.kind === 'groups' ? 'groups' : 'batches';
  throw usageError(
    `--engine ${engine}: tensors count and weigh the unit regions of all samples together, and no ${what}; use --engine threads`,
  );
}

const engine = (raw: RawOptions): CompleteEngineOptions => ({ engine: choice(raw, 'engine', ENGINES) ?? ENGINES[0] });

function output(raw: RawOptions): CompleteOutputOptions {
  const format = choice(raw, 'format', ['npy', 'npz', 'safetensors', 'parquet', 'arrow']) ?? 'npy';
  const keep = names(raw, 'keep', 'names of columns');
  if (keep.length > 0 && format !== 'parquet' && format !== 'arrow') {
    throw usageError(`--keep: a file of ${format} has no columns; expected --format parquet or --format arrow`);
  }
  return {
    out: requiredPath(raw, 'out', 'the folder to write into'),
    format,
    keep,
    outputDtype: choice(raw, 'outputDtype', ['float32', 'float16', 'code']) ?? 'float32',
    force: yes(raw, 'force'),
    resume: yes(raw, 'resume'),
  };
}

const threads = (raw: RawOptions): number => integer(raw, 'threads', 1, MOST_THREADS) ?? availableThreads();
