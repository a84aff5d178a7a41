import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'Density:';

/** M alone: all that counting needs to know. */
export const binsFlag: Flags = {
  bins: { kind: 'value', group, describe: 'unit regions M, 1 to 10000 (default 30)' },
};

/** M where a partial has one already. */
export const partialBinsFlag: Flags = {
  bins: { kind: 'value', group, describe: 'unit regions M, 1 to 10000 (default: those of the partial)' },
};

/** How weights are made of counts. */
export const weightFlags: Flags = {
  normalize: {
    kind: 'value',
    group,
    describe: 'valid-bins (default): beta = N / (R x non-empty regions), or all-bins: beta = N / (R x M)',
  },
  'mean-one': {
    kind: 'switch',
    group,
    describe: 'scale the weights so that their mean over the counted samples is 1',
  },
  'max-weight': { kind: 'value', group, describe: 'no beta above this (default: no limit)' },
};

/** Which density `reweight` makes. */
export const methodFlag: Flags = {
  density: { kind: 'value', group, describe: 'unit-region (default, the only one so far)' },
};

/** Which density `apply` uses. */
export const densityFileFlag: Flags = {
  density: { kind: 'value', group, describe: 'required: a partial, a merged partial or a density.json' },
};

/** The density options as typed. */
export const densityOptions = (flags: FlagValues): RawOptions => ({
  bins: flags.number('bins'),
  normalize: flags.text('normalize'),
  maxWeight: flags.number('max-weight'),
  meanOne: flags.on('mean-one') || undefined,
});
