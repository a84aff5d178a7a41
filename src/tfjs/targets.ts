import * as tf from '@tensorflow/tfjs';
import { usageError } from '../errors.ts';
import type { CompleteGhmcOptions } from './loss-options.ts';
import { type Samples, State } from './sample-states.ts';

/** How labels were read, for messages. */
export type LabelKind = 'binary' | 'index' | 'soft';

export interface ReadTargets extends Samples {
  readonly kind: LabelKind;
}

/** `[N]` is one logit a row, `[.., C]` rows of C. */
export const rowWidth = (logits: tf.Tensor): number => (logits.rank < 2 ? 1 : logits.shape[logits.rank - 1]);

/** What labels of a kind may be, for the message. */
export function expectedLabels(
  kind: LabelKind,
  { ignoreLabel, scale, ...options }: CompleteGhmcOptions,
  width: number,
): string {
  if (kind === 'soft') return `targets from 0 to 1 (or the ignore label ${ignoreLabel})`;
  if (kind === 'binary')
    return `0 or 1 (or the ignore label ${ignoreLabel}; labelFormat: 'soft' allows what is between)`;
  const { first, background } = indexing(options, width);
  return scale.task === 'softmax'
    ? `classes ${first}..${first + width - 1} or ${ignoreLabel} (ignored)`
    : `classes ${first}..${first + width - 1}, ${background} (background) or ${ignoreLabel} (ignored)`;
}

/** Labels and label weights as targets `[R, C]`, and which samples are left out or wrong. */
export function readTargets(
  labels: tf.Tensor,
  logits: tf.Tensor,
  labelWeights: tf.Tensor | undefined,
  options: CompleteGhmcOptions,
): ReadTargets {
  const width = rowWidth(logits);
  const rows = width === 0 ? 0 : logits.size / width;
  const kind = labelKind(labels, logits, options);
  const numbers = labels.toFloat();
  const read =
    kind === 'index'
      ? readIndices(numbers.reshape([rows, 1]), width, options)
      : readOneEach(numbers.reshape([rows, width]), kind, options.ignoreLabel);
  return { kind, ...withWeights(read, labelWeights, rows, width) };
}

function labelKind(labels: tf.Tensor, logits: tf.Tensor, { labelFormat }: CompleteGhmcOptions): LabelKind {
  const width = rowWidth(logits);
  const isOneEach = same(labels.shape, logits.shape);
  const isOneARow = width > 0 && labels.size * width === logits.size && (!isOneEach || width === 1);
  if (labelFormat === 'auto' && isOneARow && width === 1 && !isOneEach) {
    throw usageError(
      `labels of shape [${labels.shape}] for logits [${logits.shape}] are class indices or targets, with opposite results: ` +
        "say labelFormat: 'index' or 'binary'",
    );
  }
  const kind = labelFormat === 'auto' ? (isOneEach ? 'binary' : 'index') : labelFormat;
  const fits = kind === 'index' ? isOneARow : labels.size === logits.size;
  if (fits) return kind;
  const wanted = kind === 'index' ? 'one a row' : 'one a logit';
  throw usageError(`labels of shape [${labels.shape}]: expected ${wanted} of the logits [${logits.shape}]`);
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);

function indexing(
  { backgroundLabel, labelBase }: Pick<CompleteGhmcOptions, 'backgroundLabel' | 'labelBase'>,
  width: number,
): { readonly first: number; readonly background: number } {
  return { first: labelBase, background: backgroundLabel ?? (labelBase === 1 ? 0 : width) };
}

/** One class a row, `[R, 1]`: the label to ignore first, then the background, then the classes. */
function readIndices(labels: tf.Tensor, width: number, options: CompleteGhmcOptions): Samples {
  const { ignoreLabel, scale } = options;
  const { first, background } = indexing(options, width);
  const ignored = labels.equal(ignoreLabel);
  const isSoftmax = scale.task === 'softmax';
  const isBackground = isSoftmax ? tf.zerosLike(ignored) : labels.equal(background);
  const classes = labels.sub(first);
  const inRange = classes
    .greaterEqual(0)
    .logicalAnd(classes.less(width))
    .logicalAnd(classes.equal(tf.floor(classes)));
  const isClass = inRange.logicalAnd(ignored.logicalOr(isBackground).logicalNot());
  const known = tf.where(isClass, classes, tf.fill(classes.shape, -1)).toInt().flatten();
  const targets = tf.oneHot(known as tf.Tensor1D, width).toFloat() as tf.Tensor2D;
  const isKnown = isClass.logicalOr(isBackground);
  const states = tf.where(
    isKnown,
    fill(labels, State.firstRegion),
    tf.where(ignored, fill(labels, State.ignored), fill(labels, State.badLabel)),
  );
  return { targets, states: tf.tile(states, [1, width]) as tf.Tensor2D };
}

/** One target a sample, `[R, C]`. */
function readOneEach(labels: tf.Tensor, kind: LabelKind, ignoreLabel: number): Samples {
  const ignored = labels.equal(ignoreLabel);
  const allowed =
    kind === 'soft'
      ? labels.greaterEqual(0).logicalAnd(labels.lessEqual(1))
      : labels.equal(0).logicalOr(labels.equal(1));
  const counts = allowed.logicalAnd(ignored.logicalNot());
  const states = tf.where(
    counts,
    fill(labels, State.firstRegion),
    tf.where(ignored, fill(labels, State.ignored), fill(labels, State.badLabel)),
  );
  return { targets: tf.where(counts, labels, tf.zerosLike(labels)) as tf.Tensor2D, states: states as tf.Tensor2D };
}

const fill = (like: tf.Tensor, value: number): tf.Tensor => tf.fill(like.shape, value, 'int32');

/** Leaves out what has no positive weight; weights are one a row or one a sample. */
export function withWeights(
  { targets, states }: Samples,
  weights: tf.Tensor | undefined,
  rows: number,
  width: number,
): Samples {
  if (weights === undefined) return { targets, states };
  if (weights.size !== rows && weights.size !== rows * width) {
    throw usageError(
      `label weights of shape [${weights.shape}]: expected one a row or one a sample of [${rows},${width}]`,
    );
  }
  const each = weights.toFloat().reshape([rows, weights.size === rows ? 1 : width]);
  const all = each.shape[1] === width ? each : tf.tile(each, [1, width]);
  const counted = states.equal(State.firstRegion);
  const bad = tf.isNaN(all).logicalAnd(counted);
  const out = all.lessEqual(0).logicalAnd(counted);
  const weighed = tf.where(bad, fill(states, State.badWeight), tf.where(out, fill(states, State.ignored), states));
  return { targets, states: weighed as tf.Tensor2D };
}
