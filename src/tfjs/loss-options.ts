import type { Density } from '../density/density.ts';
import type { Momentum } from '../density/moving-counts.ts';
import type { WeightRule } from '../density/region-weights.ts';
import { DEFAULT_MU, LEAST_MU, MOST_MU, type Scale, sameScale, scaleName, scaleOf } from '../density/scale.ts';
import { inputError, usageError } from '../errors.ts';
import { choice, integer, positive, type RawOptions, rawOptions, within, yes } from '../options/fields.ts';
import type { LabelFormat, NonFinite, Normalize } from '../options/options.ts';
import { momentumOf } from '../options/set-options.ts';
import { densitySchema } from '../partial/schemas.ts';

/** `mean`: over the samples that count; `sum`; `none`: one loss a sample, 0 where it is left out. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Where the weights come from: the counts of each batch, or a density that `ghm` made of everything. */
export interface WeightOptions {
  /** What `density.json` holds: its weights are used as they are, and none of the options below go with it. */
  readonly density?: unknown;
  /** Unit regions M, 1 to 10,000. Default 30. */
  readonly bins?: number;
  /** `valid-bins` (default): beta = N / (S n), n the regions that are not empty in the batch. `all-bins`: beta = N / (S M). */
  readonly normalize?: Normalize;
  /** No beta above this. */
  readonly maxWeight?: number;
  /** Scale the weights of each batch so that their mean is 1. */
  readonly meanOne?: boolean;
  /** alpha of the moving average S = alpha S + (1 - alpha) R over calls, at least 0 and below 1. Default 0: S = R. */
  readonly momentum?: number;
  /** Divide S by 1 - alpha^(updates of the region). */
  readonly biasCorrection?: boolean;
  /** NaN: `error` (default), or `ignore`: outside N, weight 0. */
  readonly nonFinite?: NonFinite;
  /** Default `mean`. */
  readonly reduction?: Reduction;
}

export interface GhmcOptions extends WeightOptions {
  /** `classification` (default): each logit decides alone. `softmax`: each row decides among its C classes. */
  readonly task?: 'classification' | 'softmax';
  /** As on the command line; `auto` (default): the shape of the logits is one target a sample, one number a row a class index. */
  readonly labelFormat?: LabelFormat;
  /** Class index of the background. Default C, or 0 with `labelBase` 1. */
  readonly backgroundLabel?: number;
  /** Leaves its sample or row out. Default -1. */
  readonly ignoreLabel?: number;
  readonly labelBase?: 0 | 1;
}

export interface GhmrOptions extends WeightOptions {
  /** mu of ASL1 = sqrt(d^2 + mu^2) - mu. Default that of the density, or 0.02. */
  readonly mu?: number;
}

/** Weights by the counts of the batches, or by a density of everything. */
export type WeightSource =
  | { readonly by: 'batch'; readonly bins: number; readonly rule: WeightRule; readonly momentum: Momentum }
  | { readonly by: 'density'; readonly density: Density };

export interface CompleteLossOptions {
  readonly scale: Scale;
  readonly weights: WeightSource;
  readonly nonFinite: NonFinite;
  readonly reduction: Reduction;
}

export interface CompleteGhmcOptions extends CompleteLossOptions {
  readonly labelFormat: LabelFormat;
  readonly backgroundLabel: number | undefined;
  readonly ignoreLabel: number;
  readonly labelBase: 0 | 1;
}

const OF_BATCHES = ['bins', 'normalize', 'maxWeight', 'meanOne', 'momentum', 'biasCorrection'] as const;
const EVERY = ['density', ...OF_BATCHES, 'nonFinite', 'reduction'];
const LABEL_LIMIT = 2 ** 31;

/** @throws GhmError (usage) naming the option, what was expected and what was found */
export function ghmcOptions(options: GhmcOptions): CompleteGhmcOptions {
  const own = ['task', 'labelFormat', 'backgroundLabel', 'ignoreLabel', 'labelBase'];
  const raw = rawOptions(options, 'ghmcLoss', [...EVERY, ...own]);
  const task = choice(raw, 'task', ['classification', 'softmax']) ?? 'classification';
  const labelFormat = choice(raw, 'labelFormat', ['auto', 'binary', 'index', 'soft']) ?? 'auto';
  if (task === 'softmax' && labelFormat === 'soft') {
    throw usageError('--label-format soft: a softmax has classes, and no soft targets; drop it');
  }
  const scale = scaleOf({ task, softTargets: labelFormat === 'soft' });
  return {
    scale,
    ...common(raw, scale),
    labelFormat,
    backgroundLabel: integer(raw, 'backgroundLabel', -LABEL_LIMIT, LABEL_LIMIT - 1),
    ignoreLabel: integer(raw, 'ignoreLabel', -LABEL_LIMIT, LABEL_LIMIT - 1) ?? -1,
    labelBase: choice(raw, 'labelBase', [0, 1]) ?? 0,
  };
}

/** @throws GhmError (usage) */
export function ghmrOptions(options: GhmrOptions): CompleteLossOptions & { readonly mu: number } {
  const raw = rawOptions(options, 'ghmrLoss', [...EVERY, 'mu']);
  const density = raw.density === undefined ? undefined : densityOf(raw.density);
  const mu = within(raw, 'mu', LEAST_MU, MOST_MU) ?? density?.mu ?? DEFAULT_MU;
  const scale: Scale = { task: 'regression', mu };
  return { scale, mu, ...common(raw, scale) };
}

function common(raw: RawOptions, scale: Scale): Pick<CompleteLossOptions, 'weights' | 'nonFinite' | 'reduction'> {
  return {
    weights: raw.density === undefined ? batchWeights(raw) : densityWeights(raw, scale),
    nonFinite: choice(raw, 'nonFinite', ['error', 'ignore']) ?? 'error',
    reduction: choice(raw, 'reduction', ['mean', 'sum', 'none']) ?? 'mean',
  };
}

function batchWeights(raw: RawOptions): WeightSource {
  const momentum = momentumOf(raw);
  const biasCorrection = yes(raw, 'biasCorrection');
  if (biasCorrection && momentum === undefined) {
    throw usageError('--bias-correction: has no meaning without momentum; add momentum, at least 0 and below 1');
  }
  return {
    by: 'batch',
    bins: integer(raw, 'bins', 1, 10_000) ?? 30,
    rule: {
      normalize: choice(raw, 'normalize', ['valid-bins', 'all-bins']) ?? 'valid-bins',
      maxWeight: positive(raw, 'maxWeight'),
      meanOne: yes(raw, 'meanOne'),
    },
    momentum: { momentum: momentum ?? 0, biasCorrection },
  };
}

function densityWeights(raw: RawOptions, scale: Scale): WeightSource {
  const other = OF_BATCHES.find((key) => raw[key] !== undefined);
  if (other !== undefined) throw usageError(`${other}: the weights of the density given are final; drop one of them`);
  const density = densityOf(raw.density);
  if (density.groups || density.batches) {
    const kind = density.groups ? 'groups' : 'batches';
    throw usageError(`density: has ${kind}, each with weights of its own; expected one density for all samples`);
  }
  const counted = scaleOf(density);
  if (sameScale(counted, scale)) return { by: 'density', density };
  throw usageError(`density: made for ${scaleName(counted)}, and the loss is for ${scaleName(scale)}`);
}

function densityOf(value: unknown): Density {
  const parsed = densitySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw inputError(`density: expected what a density.json holds: ${issue.path.join('.')}: ${issue.message}`);
}
