import { inputError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import type { ArrayGroup } from './array-groups.ts';
import { checkColumn } from './columns.ts';
import { checkSoftmax, described, readIndexing, readTargets } from './label-reading.ts';
import { nullsAs } from './null-mark.ts';
import { type ArraySource, FLOAT_DTYPES, type Part, type Row, type Targets } from './source.ts';

/**
 * One part of the stream, from arrays that belong together: sees that they fit, and decides how the labels are read.
 *
 * @throws inputError for arrays that do not fit; usageError for options that do not fit them
 */
export function partOf(group: ArrayGroup, outputName: string, options: StreamOptions): Part {
  const ignoreLabel = options.ignoreLabel ?? -1;
  const { logits } = group;
  // a null belongs to no batch and no group
  const columns = Object.fromEntries(
    Object.entries(group.columns).map(([name, column]) => [name, nullsAs(column, 'refuse')]),
  );
  // a null leaves out what it stands for; a target box has no number that could say so, its null keeps the mark
  const labels = options.task === 'regression' ? group.labels : nullsAs(group.labels, ignoreLabel);
  const labelWeights = group.labelWeights && nullsAs(group.labelWeights, 0);
  const targets = targetsOf(logits, labels, options);
  const noun = targets === 'boxes' ? 'box weights' : 'label weights';
  if (labelWeights !== null) checkWeights(logits, labelWeights, noun, targets !== 'softmax');
  for (const [name, column] of Object.entries(columns)) checkColumn(name, column, logits);
  const indexing =
    targets === 'index' ? readIndexing(logits, options) : { firstForeground: 0, background: logits.columns };
  return {
    logits,
    labels,
    labelWeights,
    columns,
    rows: logits.rows,
    classes: targets === 'softmax' ? 1 : logits.columns,
    targets,
    indexing,
    ignoreLabel,
    outputName,
    blocks: blocksOf(logits),
  };
}

/** How the two arrays make samples, after seeing that they can. */
function targetsOf(logits: ArraySource, labels: ArraySource, options: StreamOptions): Targets {
  if (options.task === 'regression') {
    checkBoxes(logits, labels);
    return 'boxes';
  }
  checkLogits(logits);
  checkRows(logits, labels, 'labels');
  if (options.task !== 'softmax') return readTargets(logits, labels, options.labelFormat ?? 'auto');
  checkSoftmax(logits, labels);
  return 'softmax';
}

function checkBoxes(predictions: ArraySource, targets: ArraySource): void {
  for (const [array, what] of [
    [predictions, 'predicted boxes'],
    [targets, 'box targets'],
  ] as const) {
    const isFloat = FLOAT_DTYPES.some((dtype) => dtype === array.dtype);
    const axes = array.shape.length;
    if (isFloat && axes >= 1 && axes <= 2) continue;
    const advice = axes > 2 ? '. Save boxes.reshape(-1, boxes.shape[-1]), and what belongs to them likewise' : '';
    throw inputError(
      `${described(array)}; expected ${what} of ${FLOAT_DTYPES.join(', ')}, [N, 4] or any [N, K] or [N]${advice}`,
    );
  }
  if (predictions.rows === targets.rows && predictions.columns === targets.columns) return;
  throw inputError(
    `${described(targets)}, which does not fit ${described(predictions)}; expected the same shape, one target a ` +
      'predicted number',
  );
}

/** Where shards may be cut; all arrays of a file of blocks have the same. */
const blocksOf = (logits: ArraySource): readonly Row[] | null => (logits.kind === 'blocks' ? logits.blocks : null);

function checkLogits(logits: ArraySource): void {
  const axes = logits.shape.length;
  if (!FLOAT_DTYPES.some((dtype) => dtype === logits.dtype)) {
    throw inputError(
      `${described(logits)}; expected logits of ${FLOAT_DTYPES.join(', ')}: the scores before the sigmoid, not labels or ` +
        'quantised values',
    );
  }
  if (axes < 1 || axes > 2) {
    const advice = axes > 2 ? '. Save logits.reshape(-1, logits.shape[-1]), and its labels likewise' : '';
    throw inputError(`${described(logits)}; expected logits of shape [N] or [N, C]${advice}`);
  }
}

function checkRows(logits: ArraySource, other: ArraySource, what: string): void {
  const axes = other.shape.length;
  if (axes < 1 || axes > 2) {
    throw inputError(
      `${described(other)}; expected ${what} of shape [N] or [N, C], N = ${logits.rows} rows as in ${logits.name}`,
    );
  }
  if (other.rows !== logits.rows) {
    throw inputError(
      `${logits.name} has ${logits.rows} rows and ${other.name} has ${other.rows}; expected as many in both. ` +
        'Do the two files belong together?',
    );
  }
}

function checkWeights(logits: ArraySource, weights: ArraySource, noun: string, mayBePerSample: boolean): void {
  checkRows(logits, weights, noun);
  const isPerSample = weights.shape.length === 2 && weights.columns === logits.columns;
  if (weights.columns === 1 || (isPerSample && mayBePerSample)) return;
  const perSample =
    logits.columns === 1 || !mayBePerSample ? '' : ` or [${logits.rows}, ${logits.columns}] (one a sample)`;
  throw inputError(
    `${described(weights)}, which does not fit ${logits.name} [${logits.shape.join(', ')}]; expected ${noun} ` +
      `[${logits.rows}] or [${logits.rows}, 1] (one a row)${perSample}`,
  );
}
