import { FINE_BITS, FINE_CHOICES } from '../density/fine-cells.ts';
import { DEFAULT_FOCAL } from '../density/loss.ts';
import { usageError } from '../errors.ts';
import type {
  CompleteCountOptions,
  CompleteDensityOptions,
  CompleteMomentumOptions,
  GivenDensityOptions,
} from './complete-options.ts';
import { choice, integer, positive, positiveUpTo, type RawOptions, within, yes } from './fields.ts';
import type { DensityMethod } from './options.ts';
import { momentumOf, type SetChoice, setChoice } from './set-options.ts';

const MOST_BINS = 10_000;
const MOST_GAMMA = 100;
const MOST_BATCH_VALUES = 2 ** 31 - 1;
const METHODS = ['unit-region', 'window'] as const;

/** What pass 1 counts for. */
export function countOptions(raw: RawOptions): CompleteCountOptions {
  const density = choice(raw, 'density', METHODS) ?? 'unit-region';
  const windowBits = choice(raw, 'windowBits', FINE_CHOICES);
  if (density === 'unit-region' && windowBits !== undefined) {
    throw usageError('--window-bits is for windows: add --density window, or drop it');
  }
  return { density, windowBits: density === 'window' ? (windowBits ?? FINE_BITS) : undefined };
}

/** How the density of a run is made. */
export function densityOptions(raw: RawOptions, method: DensityMethod): CompleteDensityOptions {
  const { bins: given, normalize, epsilon, maxWeight, meanOne, focalGamma, focalAlpha } = weightOptions(raw);
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
  const given = weightOptions(raw);
  checkOfMethod(given, method ?? 'unit-region', '--method');
  return { method, ...given };
}

function weightOptions(raw: RawOptions): Omit<GivenDensityOptions, 'method'> {
  const maxWeight = positive(raw, 'maxWeight');
  const meanOne = raw.meanOne === undefined ? undefined : yes(raw, 'meanOne');
  if (meanOne && maxWeight !== undefined && maxWeight < 1) {
    throw usageError(`--mean-one: weights of at most ${maxWeight} have no mean of 1; give a --max-weight of 1 or more`);
  }
  return {
    bins: binsOption(raw),
    normalize: choice(raw, 'normalize', ['valid-bins', 'all-bins']),
    epsilon: positiveUpTo(raw, 'epsilon', 2),
    maxWeight,
    meanOne,
    focalGamma: within(raw, 'focalGamma', 0, MOST_GAMMA),
    focalAlpha: within(raw, 'focalAlpha', 0, 1),
  };
}

/** Batches or groups. */
export const setOptions = (raw: RawOptions): SetChoice =>
  setChoice(raw, integer(raw, 'batchSize', 1, MOST_BATCH_VALUES));

/** How batches follow each other. */
export function momentumOptions(raw: RawOptions): CompleteMomentumOptions {
  const read = { momentum: momentumOf(raw), biasCorrection: yes(raw, 'biasCorrection') };
  if (read.biasCorrection && read.momentum === undefined) {
    throw usageError('--bias-correction: has no meaning without momentum; add --momentum A, at least 0 and below 1');
  }
  return read;
}

/** Where a run counts and weighs, batches and momentum need each other. */
export function checkBatches({ batch, momentum }: SetChoice & CompleteMomentumOptions): void {
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
export function checkMethod(method: DensityMethod, { batch, group }: SetChoice): void {
  if (method === 'unit-region' || (batch === undefined && group === undefined)) return;
  const flag = batch === undefined ? `--group ${group}` : `--batch ${batch}`;
  throw usageError(`--density window: is one density for all samples, and ${flag} makes several; drop one of them`);
}

/** M. */
export const binsOption = (raw: RawOptions): number | undefined => integer(raw, 'bins', 1, MOST_BINS);
