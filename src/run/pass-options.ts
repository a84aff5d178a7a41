import type { CompleteReweightOptions } from '../options/complete-options.ts';
import type { RawOptions } from '../options/fields.ts';
import { STREAM } from '../options/validate.ts';
import { plainOptions } from './finish.ts';

const SETS = ['batch', 'batchSize', 'group'];

/** The options of `reweight` that `histogram` takes too. */
export const COUNTED = [...STREAM, 'density', 'windowBits', 'bins', ...SETS];
/** Those that `apply` takes too, where its `method` is what `reweight` calls `density`. */
export const WEIGHED = [
  ...STREAM,
  'method',
  'normalize',
  'epsilon',
  'maxWeight',
  'meanOne',
  'focalGamma',
  'focalAlpha',
  ...SETS,
  'momentum',
  'biasCorrection',
  'format',
  'outputDtype',
  'keep',
];

/** The options of the two passes of one run, as JSON can hold them, but for what each shard has of its own. */
export interface PassOptions {
  /** Those of `histogram`. */
  readonly count: RawOptions;
  /** Those of `apply`. */
  readonly weigh: RawOptions;
}

/** What `reweight` would do, as its passes are asked for it in shards, so that `finish` makes the same outputs of them. */
export function passOptions(options: CompleteReweightOptions): PassOptions {
  const plain = plainOptions(options);
  return { count: pick(plain, COUNTED), weigh: pick({ ...plain, method: options.density }, WEIGHED) };
}

const pick = (options: RawOptions, keys: readonly string[]): RawOptions =>
  Object.fromEntries(Object.entries(options).filter(([key]) => keys.includes(key)));
