import { FINE_BITS, FINE_CHOICES } from '../density/fine-cells.ts';
import { DEFAULT_FOCAL } from '../density/loss.ts';
import { usageError } from '../errors.ts';
import { availableThreads, MOST_THREADS } from './available-threads.ts';
import type {
  CompleteApplyOptions,
  CompleteCountOptions,
  CompleteDemoOptions,
  CompleteDensityOptions,
  CompleteEngineOptions,
  CompleteFinishOptions,
  CompleteHistogramOptions,
  CompleteMergeOptions,
  CompleteMomentumOptions,
  CompleteOutliersOptions,
  CompleteOutputOptions,
  CompleteReweightOptions,
  CompleteRunOptions,
  CompleteShardApplyOptions,
  GivenDensityOptions,
} from './complete-options.ts';
import { ENGINES, type EngineName } from './engines.ts';
import {
  abortSignal,
  callback,
  choice,
  integer,
  names,
  path,
  positive,
  positiveUpTo,
  type RawOptions,
  rawOptions,
  requiredPath,
  requiredPaths,
  within,
  yes,
} from './fields.ts';
import { memorySize } from './memory-size.ts';
import type { DensityMethod, Progress } from './options.ts';
import { OUTLIERS, outliersChoice } from './outliers-options.ts';
import { momentumOf, type SetChoice, type SetRequest, setChoice, setRequest } from './set-options.ts';
import { requiredShard, shardText } from './shard.ts';
import { streamOptions } from './stream-options.ts';

const MOST_BINS = 10_000;
const MOST_GAMMA = 100;
const MOST_BATCH_VALUES = 2 ** 31 - 1;

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
  const counted = count(raw);
  const batches = { ...sets(raw), ...momentum(raw) };
  checkBatches(batches);
  checkMethod(counted.density, batches);
  const computed = engine(raw);
  checkEngine(computed.engine, counted.density, setRequest(batches));
  return Object.freeze({
    ...streamOptions(raw),
    ...counted,
    ...density(raw, counted.density),
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
  const counted = count(raw);
  const chosen = sets(raw);
  checkMethod(counted.density, chosen);
  const computed = engine(raw);
  checkEngine(computed.engine, counted.density, setRequest(chosen));
  return Object.freeze({
    ...streamOptions(raw),
    ...counted,
    ...chosen,
    shard: shardText(raw),
    bins: bins(raw) ?? 30,
    out: requiredPath(raw, 'out', 'the file to write'),
    force: yes(raw, 'force'),
    resume: yes(raw, 'resume'),
    ...computed,
    ...run(raw),
  });
}

/** Sum of partials. @throws GhmError (usage) */
export function validateMerge(options: unknown): CompleteMergeOptions {
  const raw = rawOptions(options, 'merge', ['partials', 'out', 'force']);
  return Object.freeze({
    partials: requiredPaths(raw, 'partials', 'at least one file, folder or quoted glob'),
    out: requiredPath(raw, 'out', 'the file to write'),
    force: yes(raw, 'force'),
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
    ...sets(raw),
    ...momentum(raw),
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

const METHODS = ['unit-region', 'window'] as const;

function count(raw: RawOptions): CompleteCountOptions {
  const density = choice(raw, 'density', METHODS) ?? 'unit-region';
  const windowBits = choice(raw, 'windowBits', FINE_CHOICES);
  if (density === 'unit-region' && windowBits !== undefined) {
    throw usageError('--window-bits is for windows: add --density window, or drop it');
  }
  return { density, windowBits: density === 'window' ? (windowBits ?? FINE_BITS) : undefined };
}

function density(raw: RawOptions, method: DensityMethod): CompleteDensityOptions {
  const { bins: given, normalize, epsilon, maxWeight, meanOne, focalGamma, focalAlpha } = weights(raw);
  const bins = given ?? 30;
  checkOfMethod({ normalize, epsilon }, method, '--density');
  return {
    bins,
    normalize: method === 'window' ? undefined : (normalize ?? 'valid-bins'),
    epsilon: method === 'window' ? (epsilon ?? 1 / bins) : undefined,
    maxWeight,
    meanOne: meanOne ?? false,
    focalGamma: focalGamma ?? DEFAULT_FOCAL.gamma,
    focalAlpha: focalAlpha ?? DEFAULT_FOCAL.alpha,
  };
}

/** @throws GhmError (usage) where an option belongs to the other method */
function checkOfMethod(
  { normalize, epsilon }: Pick<GivenDensityOptions, 'normalize' | 'epsilon'>,
  method: DensityMethod,
  flag: string,
): void {
  if (method === 'window' && normalize !== undefined) {
    throw usageError(`--normalize is for unit regions, and ${flag} window has none: drop one of them`);
  }
  if (method === 'unit-region' && epsilon !== undefined) {
    throw usageError(`--epsilon is the width of windows: add ${flag} window, or drop it`);
  }
}

/** How a partial is made a density, as far as it was said. */
export function givenDensity(raw: RawOptions): GivenDensityOptions {
  const method = choice(raw, 'method', METHODS);
  const given = weights(raw);
  checkOfMethod(given, method ?? 'unit-region', '--method');
  return { method, ...given };
}

function weights(raw: RawOptions): Omit<GivenDensityOptions, 'method'> {
  const maxWeight = positive(raw, 'maxWeight');
  const meanOne = raw.meanOne === undefined ? undefined : yes(raw, 'meanOne');
  if (meanOne && maxWeight !== undefined && maxWeight < 1) {
    throw usageError(`--mean-one: weights of at most ${maxWeight} have no mean of 1; give a --max-weight of 1 or more`);
  }
  return {
    bins: bins(raw),
    normalize: choice(raw, 'normalize', ['valid-bins', 'all-bins']),
    epsilon: positiveUpTo(raw, 'epsilon', 2),
    maxWeight,
    meanOne,
    focalGamma: within(raw, 'focalGamma', 0, MOST_GAMMA),
    focalAlpha: within(raw, 'focalAlpha', 0, 1),
  };
}

const sets = (raw: RawOptions): SetChoice => setChoice(raw, integer(raw, 'batchSize', 1, MOST_BATCH_VALUES));

/** How batches follow each other. */
export function momentum(raw: RawOptions): CompleteMomentumOptions {
  const read = { momentum: momentumOf(raw), biasCorrection: yes(raw, 'biasCorrection') };
  if (read.biasCorrection && read.momentum === undefined) {
    throw usageError('--bias-correction: has no meaning without momentum; add --momentum A, at least 0 and below 1');
  }
  return read;
}

/** Where a run counts and weighs, batches and momentum need each other. */
function checkBatches({ batch, momentum }: SetChoice & CompleteMomentumOptions): void {
  if (momentum !== undefined && batch === undefined) {
    throw usageError(
      '--momentum: averages over batches; say which with --batch rows:N, or --batch column:NAME --batch-size K',
    );
  }
  if (batch !== undefined && momentum === undefined) {
    throw usageError(
      `--batch ${batch}: add --momentum A, at least 0 and below 1; 0 weighs each batch by its own counts alone`,
    );
  }
}

/** Windows look at all samples: a set of them has regions alone. */
function checkMethod(method: DensityMethod, { batch, group }: SetChoice): void {
  if (method === 'unit-region' || (batch === undefined && group === undefined)) return;
  const flag = batch === undefined ? `--group ${group}` : `--batch ${batch}`;
  throw usageError(`--density window: is one density for all samples, and ${flag} makes several; drop one of them`);
}

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

const bins = (raw: RawOptions): number | undefined => integer(raw, 'bins', 1, MOST_BINS);
const threads = (raw: RawOptions): number => integer(raw, 'threads', 1, MOST_THREADS) ?? availableThreads();
