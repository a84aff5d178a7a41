import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'Input:';

/** Where the samples are and how labels are read. */
export const streamFlags: Flags = {
  task: {
    kind: 'value',
    group,
    describe: 'classification (default), softmax: one class a row, or regression: boxes (GHM-R)',
    choices: ['classification', 'softmax', 'regression'],
  },
  logits: {
    kind: 'list',
    group,
    describe: 'files, quoted globs, folders, @LIST (a path a line) or - of logits, [N] or [N, C]',
  },
  labels: {
    kind: 'list',
    group,
    describe: 'files or globs of labels, paired with the logits in natural order of names',
  },
  'label-weights': { kind: 'list', group, describe: 'files or globs of label weights; 0 leaves a sample out' },
  'logits-key': {
    kind: 'value',
    group,
    describe: "name of the logits in FILES (default logits); '*.logits' takes each that matches",
  },
  'labels-key': { kind: 'value', group, describe: 'name of the labels in FILES (default labels)' },
  'label-weights-key': {
    kind: 'value',
    group,
    describe: 'name of the label weights in FILES (default label_weights, if there)',
  },
  'bbox-pred': {
    kind: 'list',
    group,
    describe: 'with --task regression: files or globs of predicted boxes, [N, 4], [N, 4C] or any [N, K]',
  },
  'bbox-target': { kind: 'list', group, describe: 'files or globs of what they should be, of the same shape' },
  'bbox-weights': {
    kind: 'list',
    group,
    describe: 'files or globs of box weights, a row or a number each; 0 leaves out',
  },
  'bbox-pred-key': { kind: 'value', group, describe: 'name of the predictions in FILES (default bbox_pred)' },
  'bbox-target-key': { kind: 'value', group, describe: 'name of the targets in FILES (default bbox_target)' },
  'bbox-weights-key': {
    kind: 'value',
    group,
    describe: 'name of the box weights in FILES (default bbox_weights, if there)',
  },
  mu: { kind: 'value', group, describe: 'mu of ASL1 = sqrt(d^2 + mu^2) - mu, with --task regression (default 0.02)' },
  'label-format': {
    kind: 'value',
    group,
    describe: 'auto (default), binary: one target a sample, index: one class a row, or soft: targets in [0, 1]',
    choices: ['auto', 'binary', 'index', 'soft'],
  },
  'background-label': {
    kind: 'value',
    group,
    describe: 'class index of background (default C; 0 with --label-base 1)',
  },
  'ignore-label': { kind: 'value', group, describe: 'label that leaves its sample or row out (default -1)' },
  'label-base': { kind: 'value', group, describe: 'first foreground class: 0 (default) or 1' },
  'non-finite': {
    kind: 'value',
    group,
    describe: 'NaN logits: error (default) or ignore (weight 0)',
    choices: ['error', 'ignore'],
  },
};

/** The stream options as typed. */
export const streamOptions = (flags: FlagValues): RawOptions => ({
  task: flags.text('task'),
  logits: flags.list('logits'),
  labels: flags.list('labels'),
  labelWeights: flags.list('label-weights'),
  files: flags.words(),
  logitsKey: flags.text('logits-key'),
  labelsKey: flags.text('labels-key'),
  labelWeightsKey: flags.text('label-weights-key'),
  bboxPred: flags.list('bbox-pred'),
  bboxTarget: flags.list('bbox-target'),
  bboxWeights: flags.list('bbox-weights'),
  bboxPredKey: flags.text('bbox-pred-key'),
  bboxTargetKey: flags.text('bbox-target-key'),
  bboxWeightsKey: flags.text('bbox-weights-key'),
  mu: flags.number('mu'),
  labelFormat: flags.text('label-format'),
  backgroundLabel: flags.number('background-label'),
  ignoreLabel: flags.number('ignore-label'),
  labelBase: flags.number('label-base'),
  nonFinite: flags.text('non-finite'),
});
