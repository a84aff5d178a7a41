import { FINE_BITS, FINE_CHOICES } from '../density/fine-cells.ts';
import { usageError } from '../errors.ts';
import { availableThreads, MOST_THREADS } from './available-threads.ts';
import type {
  CompleteApplyOptions,
  CompleteCountOptions,
  CompleteDemoOptions,
  CompleteDensityOptions,
  CompleteHistogramOptions,
  CompleteMergeOptions,
  CompleteOutputOptions,
  CompleteReweightOptions,
  CompleteRunOptions,
  CompleteStreamOptions,
  GivenDensityOptions,
} from './complete-options.ts';
import {
  abortSignal,
  callback,
  choice,
  integer,
  path,
  paths,
  positive,
  positiveUpTo,
  type RawOptions,
  rawOptions,
  requiredPath,
  requiredPaths,
  yes,
} from './fields.ts';
import { memorySize } from './memory-size.ts';
import type { DensityMethod, Progress } from './options.ts';

const MOST_BINS = 10_000;
const LABEL_LIMIT = 2 ** 31;
const FILES_OF = "at least one file or quoted glob, such as 'dumps/*";

const RUN = ['threads', 'memory', 'signal', 'onProgress', 'onWarning'];
const STREAM = [
  'logits',
  'labels',
  'labelWeights',
  'files',
  'logitsKey',
  'labelsKey',
  'labelWeightsKey',
  'labelFormat',
  'backgroundLabel',
  'ignoreLabel',
  'labelBase',
  'nonFinite',
];
const COUNT = ['density', 'windowBits'];
const DENSITY = ['bins', 'normalize', 'epsilon', 'maxWeight', 'meanOne'];
const OUTPUT = ['out', 'format', 'outputDtype', 'force'];

/** Both passes. @throws GhmError (usage) naming the flag, what was expected and what was found. */
export function validateReweight(options: unknown): CompleteReweightOptions {
  const raw = rawOptions(options, 'reweight', [...STREAM, ...COUNT, ...DENSITY, ...OUTPUT, ...RUN]);
  const counted = count(raw);
  return Object.freeze({
    ...stream(raw),
    ...counted,
    ...density(raw, counted.density),
    ...output(raw),
    ...run(raw),
  });
}

/** Pass 1 alone. @throws GhmError (usage) */
export function validateHistogram(options: unknown): CompleteHistogramOptions {
  const raw = rawOptions(options, 'histogram', [...STREAM, ...COUNT, 'bins', 'out', 'force', ...RUN]);
  return Object.freeze({
    ...stream(raw),
    ...count(raw),
    bins: bins(raw) ?? 30,
    out: requiredPath(raw, 'out', 'the file to write'),
    force: yes(raw, 'force'),
    ...run(raw),
  });
}

/** Sum of partials. @throws GhmError (usage) */
export function validateMerge(options: unknown): CompleteMergeOptions {
  const raw = rawOptions(options, 'merge', ['partials', 'out', 'force']);
  return Object.freeze({
    partials: requiredPaths(raw, 'partials', 'at least one file or quoted glob'),
    out: requiredPath(raw, 'out', 'the file to write'),
    force: yes(raw, 'force'),
  });
}

/** Pass 2 alone. @throws GhmError (usage) */
export function validateApply(options: unknown): CompleteApplyOptions {
  const raw = rawOptions(options, 'apply', ['density', 'method', ...STREAM, ...DENSITY, ...OUTPUT, ...RUN]);
  return Object.freeze({
    density: requiredPath(raw, 'density', 'the file of a partial or a density.json'),
    ...stream(raw),
    ...givenDensity(raw),
    ...output(raw),
    ...run(raw),
  });
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

function stream(raw: RawOptions): CompleteStreamOptions {
  const read: CompleteStreamOptions = {
    ...inputs(raw),
    logitsKey: path(raw, 'logitsKey', 'the key of an array'),
    labelsKey: path(raw, 'labelsKey', 'the key of an array'),
    labelWeightsKey: path(raw, 'labelWeightsKey', 'the key of an array'),
    labelFormat: choice(raw, 'labelFormat', ['auto', 'binary', 'index']) ?? 'auto',
    backgroundLabel: integer(raw, 'backgroundLabel', -LABEL_LIMIT, LABEL_LIMIT - 1),
    ignoreLabel: integer(raw, 'ignoreLabel', -LABEL_LIMIT, LABEL_LIMIT - 1) ?? -1,
    labelBase: choice(raw, 'labelBase', [0, 1]) ?? 0,
    nonFinite: choice(raw, 'nonFinite', ['error', 'ignore']) ?? 'error',
  };
  if (read.labelFormat === 'binary') {
    const flag = read.backgroundLabel !== undefined ? '--background-label' : read.labelBase === 1 ? '--label-base' : '';
    if (flag !== '')
      throw usageError(`${flag} is for class indices, and --label-format binary has none: drop one of them`);
  }
  return read;
}

/** Either files of several arrays, or arrays in files of their own. */
function inputs(raw: RawOptions): Pick<CompleteStreamOptions, 'files' | 'logits' | 'labels' | 'labelWeights'> {
  const files = paths(raw, 'files', `${FILES_OF}.npz'`);
  const labelWeights = paths(raw, 'labelWeights', `${FILES_OF}.label_weights.npy'`);
  if (files === undefined) {
    const logits = requiredPaths(raw, 'logits', `${FILES_OF}.logits.npy'`);
    return { files, logits, labels: requiredPaths(raw, 'labels', `${FILES_OF}.labels.npy'`), labelWeights };
  }
  const other = (['logits', 'labels', 'labelWeights'] as const).find((key) => raw[key] !== undefined);
  if (other !== undefined) {
    const flag = { logits: '--logits', labels: '--labels', labelWeights: '--label-weights' }[other];
    throw usageError(
      `${flag}: files given without a flag hold their own arrays, found ${files[0]}; give either those, or --logits and ` +
        '--labels. Arrays in them are named with --logits-key, --labels-key and --label-weights-key',
    );
  }
  return { files, logits: undefined, labels: undefined, labelWeights: undefined };
}

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
  const { bins: given, normalize, epsilon, maxWeight, meanOne } = weights(raw);
  const bins = given ?? 30;
  checkOfMethod({ normalize, epsilon }, method, '--density');
  return {
    bins,
    normalize: method === 'window' ? undefined : (normalize ?? 'valid-bins'),
    epsilon: method === 'window' ? (epsilon ?? 1 / bins) : undefined,
    maxWeight,
    meanOne: meanOne ?? false,
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

function givenDensity(raw: RawOptions): GivenDensityOptions {
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
  };
}

function output(raw: RawOptions): CompleteOutputOptions {
  return {
    out: requiredPath(raw, 'out', 'the folder to write into'),
    format: choice(raw, 'format', ['npy', 'npz', 'safetensors', 'parquet', 'arrow']) ?? 'npy',
    outputDtype: choice(raw, 'outputDtype', ['float32', 'float16', 'code']) ?? 'float32',
    force: yes(raw, 'force'),
  };
}

const bins = (raw: RawOptions): number | undefined => integer(raw, 'bins', 1, MOST_BINS);
const threads = (raw: RawOptions): number => integer(raw, 'threads', 1, MOST_THREADS) ?? availableThreads();
