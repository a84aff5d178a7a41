import { choice, type RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'Input:';

/** Where the samples are and how labels are read. */
export const streamFlags: Flags = {
  logits: { kind: 'list', group, describe: 'files or quoted globs of logits, [N] or [N, C]' },
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
  'label-format': {
    kind: 'value',
    group,
    describe: 'auto (default), binary: one target a sample, or index: one class a row',
  },
  'background-label': {
    kind: 'value',
    group,
    describe: 'class index of background (default C; 0 with --label-base 1)',
  },
  'ignore-label': { kind: 'value', group, describe: 'label that leaves its sample or row out (default -1)' },
  'label-base': { kind: 'value', group, describe: 'first foreground class: 0 (default) or 1' },
  'non-finite': { kind: 'value', group, describe: 'NaN logits: error (default) or ignore (weight 0)' },
  task: { kind: 'value', group, describe: 'classification (default, the only one so far)' },
};

/** The stream options as typed. */
export const streamOptions = (flags: FlagValues): RawOptions => ({
  logits: flags.list('logits'),
  labels: flags.list('labels'),
  labelWeights: flags.list('label-weights'),
  files: flags.words(),
  logitsKey: flags.text('logits-key'),
  labelsKey: flags.text('labels-key'),
  labelWeightsKey: flags.text('label-weights-key'),
  labelFormat: flags.text('label-format'),
  backgroundLabel: flags.number('background-label'),
  ignoreLabel: flags.number('ignore-label'),
  labelBase: flags.number('label-base'),
  nonFinite: flags.text('non-finite'),
});

/** `--task` has one choice so far. @throws GhmError (usage) */
export function refuseOtherTasks(flags: FlagValues): void {
  choice({ task: flags.text('task') }, 'task', ['classification']);
}
