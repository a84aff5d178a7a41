import { LEAST_MU, MOST_MU } from '../density/scale.ts';
import { usageError } from '../errors.ts';
import type { CompleteStreamOptions } from './complete-options.ts';
import { choice, flagOf, integer, path, paths, type RawOptions, requiredPaths, within } from './fields.ts';
import type { Task } from './options.ts';
import { columnFiles } from './set-options.ts';

const LABEL_LIMIT = 2 ** 31;
const FILES_OF = "at least one file or quoted glob, such as 'dumps/*";

const LOGITS = ['logits', 'labels', 'labelWeights'] as const;
const BOXES = ['bboxPred', 'bboxTarget', 'bboxWeights'] as const;
const LOGITS_KEYS = ['logitsKey', 'labelsKey', 'labelWeightsKey'] as const;
const BOXES_KEYS = ['bboxPredKey', 'bboxTargetKey', 'bboxWeightsKey'] as const;

/** What the task is, where its samples are, and how labels are read. @throws GhmError (usage) */
export function streamOptions(raw: RawOptions): CompleteStreamOptions {
  const task = choice(raw, 'task', ['classification', 'softmax', 'regression']) ?? 'classification';
  refuseOthers(raw, task);
  const read: CompleteStreamOptions = {
    task,
    ...inputs(raw, task),
    logitsKey: key(raw, 'logitsKey'),
    labelsKey: key(raw, 'labelsKey'),
    labelWeightsKey: key(raw, 'labelWeightsKey'),
    bboxPredKey: key(raw, 'bboxPredKey'),
    bboxTargetKey: key(raw, 'bboxTargetKey'),
    bboxWeightsKey: key(raw, 'bboxWeightsKey'),
    columns: columnFiles(raw),
    mu: within(raw, 'mu', LEAST_MU, MOST_MU),
    labelFormat: choice(raw, 'labelFormat', ['auto', 'binary', 'index', 'soft']) ?? 'auto',
    backgroundLabel: integer(raw, 'backgroundLabel', -LABEL_LIMIT, LABEL_LIMIT - 1),
    ignoreLabel: integer(raw, 'ignoreLabel', -LABEL_LIMIT, LABEL_LIMIT - 1) ?? -1,
    labelBase: choice(raw, 'labelBase', [0, 1]) ?? 0,
    nonFinite: choice(raw, 'nonFinite', ['error', 'ignore']) ?? 'error',
  };
  refuseMeaningless(read);
  return read;
}

const key = (raw: RawOptions, name: string): string | undefined => path(raw, name, 'the key of an array');

/** Options of another task. */
function refuseOthers(raw: RawOptions, task: Task): void {
  const isRegression = task === 'regression';
  const others = isRegression ? [...LOGITS, ...LOGITS_KEYS] : [...BOXES, ...BOXES_KEYS, 'mu'];
  const other = others.find((name) => raw[name] !== undefined);
  if (other === undefined) return;
  throw usageError(
    isRegression
      ? `${flagOf(other)}: --task regression has no logits and no labels; its arrays are named with --bbox-pred, ` +
          '--bbox-target and --bbox-weights'
      : `${flagOf(other)} is for --task regression, and the task is ${task}: add --task regression, or drop it`,
  );
}

/** Options that cannot mean anything, though each is right for itself. */
function refuseMeaningless(read: CompleteStreamOptions): void {
  const { task, labelFormat, backgroundLabel, labelBase, ignoreLabel } = read;
  const ofIndices = backgroundLabel !== undefined ? '--background-label' : labelBase === 1 ? '--label-base' : '';
  if (labelFormat === 'binary' || labelFormat === 'soft') {
    if (ofIndices !== '')
      throw usageError(
        `${ofIndices} is for class indices, and --label-format ${labelFormat} has none: drop one of them`,
      );
  }
  const ofLabels = labelFormat !== 'auto' ? '--label-format' : ofIndices;
  if (task === 'softmax' && ofLabels !== '') {
    throw usageError(
      `${ofLabels} has no meaning with --task softmax, whose labels are the classes 0..C-1, background among them: drop it`,
    );
  }
  const flag = ofLabels !== '' ? ofLabels : ignoreLabel !== -1 ? '--ignore-label' : '';
  if (task === 'regression' && flag !== '') {
    throw usageError(`${flag} has no meaning with --task regression, which has no labels: drop it`);
  }
}

type Inputs = Pick<CompleteStreamOptions, 'files' | (typeof LOGITS)[number] | (typeof BOXES)[number]>;

/** Either files of several arrays, or arrays in files of their own. */
function inputs(raw: RawOptions, task: Task): Inputs {
  const nothing = { logits: undefined, labels: undefined, labelWeights: undefined };
  const noBoxes = { bboxPred: undefined, bboxTarget: undefined, bboxWeights: undefined };
  const files = paths(raw, 'files', `${FILES_OF}.npz'`);
  if (files !== undefined) {
    refuseBoth(raw, files, task);
    return { files, ...nothing, ...noBoxes };
  }
  if (task === 'regression') {
    return {
      files,
      ...nothing,
      bboxPred: requiredPaths(raw, 'bboxPred', `${FILES_OF}.bbox_pred.npy'`),
      bboxTarget: requiredPaths(raw, 'bboxTarget', `${FILES_OF}.bbox_target.npy'`),
      bboxWeights: paths(raw, 'bboxWeights', `${FILES_OF}.bbox_weights.npy'`),
    };
  }
  const labelWeights = paths(raw, 'labelWeights', `${FILES_OF}.label_weights.npy'`);
  const logits = requiredPaths(raw, 'logits', `${FILES_OF}.logits.npy'`);
  return { files, logits, labels: requiredPaths(raw, 'labels', `${FILES_OF}.labels.npy'`), labelWeights, ...noBoxes };
}

function refuseBoth(raw: RawOptions, files: readonly string[], task: Task): void {
  const arrays = task === 'regression' ? BOXES : LOGITS;
  const other = arrays.find((name) => raw[name] !== undefined);
  if (other === undefined) return;
  const [first, second, third] = arrays.map((name) => flagOf(name));
  throw usageError(
    `${flagOf(other)}: files given without a flag hold their own arrays, found ${files[0]}; give either those, or ` +
      `${first} and ${second}. Arrays in them are named with ${first}-key, ${second}-key and ${third}-key`,
  );
}
