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
    choices: ['valid-bins', 'all-bins'],
  },
  epsilon: {
    kind: 'value',
    group,
    describe: 'width of windows in gradient norm, above 0, at most 2 (default 1 / bins)',
  },
  'mean-one': {
    kind: 'switch',
    group,
    describe: 'scale the weights so that their mean over the counted samples is 1',
  },
  'focal-gamma': { kind: 'value', group, describe: 'exponent of the focal loss reported beside (default 2)' },
  'focal-alpha': { kind: 'value', group, describe: 'its weight of a positive, 0 to 1 (default 0.25)' },
  'max-weight': { kind: 'value', group, describe: 'no beta above this (default: no limit)' },
};

/** Which density pass 1 counts for. */
export const countFlags: Flags = {
  density: {
    kind: 'value',
    group,
    describe: 'unit-region (default), or window: a window of width --epsilon around each sample',
    choices: ['unit-region', 'window'],
  },
  'window-bits': {
    kind: 'value',
    group,
    describe:
      'of the counts for windows, 19 to 23 (default 21): 22 about halves the largest error; each doubles 1.5 MiB a thread',
  },
};

/** Which density `apply` makes of a partial. */
export const methodFlag: Flags = {
  method: {
    kind: 'value',
    group,
    describe: 'of a partial: unit-region (default) or window',
    choices: ['unit-region', 'window'],
  },
};

/** Which density `apply` uses. */
export const densityFileFlag: Flags = {
  density: { kind: 'value', group, describe: 'required: a partial, a merged partial or a density.json' },
};

/** The density options as typed. */
export const densityOptions = (flags: FlagValues): RawOptions => ({
  bins: flags.number('bins'),
  normalize: flags.text('normalize'),
  epsilon: flags.number('epsilon'),
  maxWeight: flags.number('max-weight'),
  meanOne: flags.on('mean-one') || undefined,
  focalGamma: flags.number('focal-gamma'),
  focalAlpha: flags.number('focal-alpha'),
});

/** What pass 1 counts, as typed. */
export const countOptions = (flags: FlagValues): RawOptions => ({
  density: flags.text('density'),
  windowBits: flags.number('window-bits'),
});
