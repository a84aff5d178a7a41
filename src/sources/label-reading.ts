import { inputError, usageError } from '../errors.ts';
import type { LabelFormat, StreamOptions } from '../options/options.ts';
import { type ArraySource, type ClassIndexing, INTEGER_DTYPES, type Targets } from './source.ts';

/** Dtype and shape for a message: `labels.npy is int64 [10, 3]`. */
export const described = (source: ArraySource): string => `${source.name} is ${typeOf(source)}`;

const typeOf = (source: ArraySource): string => `${source.dtype} [${source.shape.join(', ')}]`;

const isInteger = (source: ArraySource): boolean => INTEGER_DTYPES.some((dtype) => dtype === source.dtype);

/**
 * How labels belong to logits `[N]` or `[N, C]` of as many rows: one target a sample, or one class index a row.
 *
 * @throws inputError where the labels fit neither way or not the one asked for; usageError where C = 1 and `auto` cannot tell
 */
export function readTargets(logits: ArraySource, labels: ArraySource, format: LabelFormat): Targets {
  const classes = logits.columns;
  const perSample = labels.columns === classes && (labels.shape.length === logits.shape.length || classes === 1);
  const perRow = labels.columns === 1;
  if (format === 'binary' || format === 'soft') {
    if (!perSample) throw misfit(logits, labels, `one target a sample, [${logits.shape.join(', ')}]`);
    return format;
  }
  if (format === 'index') return indexed(logits, labels);
  if (classes === 1 && perSample && labels.shape.length !== logits.shape.length) throw ambiguous(logits, labels);
  if (perSample) return 'binary';
  if (perRow && classes !== 1) return indexed(logits, labels);
  const shapes = `[${logits.shape.join(', ')}] (one target a sample) or [${logits.rows}] (one class index a row)`;
  throw misfit(logits, labels, classes === 1 ? `[${logits.shape.join(', ')}]` : shapes);
}

/**
 * Class indices of softmax rows: logits `[N, C]`, C at least 2, and one integer a row.
 *
 * @throws inputError where they do not fit
 */
export function checkSoftmax(logits: ArraySource, labels: ArraySource): void {
  if (logits.columns < 2) {
    throw inputError(
      `${described(logits)}; expected [N, C] of at least two classes, the background among them. ` +
        'One score a sample is --task classification',
    );
  }
  indexed(logits, labels);
}

function indexed(logits: ArraySource, labels: ArraySource): 'index' {
  if (labels.columns !== 1) throw misfit(logits, labels, `one class index a row, [${logits.rows}]`);
  if (isInteger(labels)) return 'index';
  throw inputError(
    `${described(labels)}, which cannot be class indices for ${logits.name} ${typeOf(logits)}; expected integers. ` +
      `Save labels.astype(np.int64), or one target a sample, [${logits.shape.join(', ')}]`,
  );
}

const misfit = (logits: ArraySource, labels: ArraySource, expected: string): Error =>
  inputError(`${described(labels)}, which does not fit ${logits.name} ${typeOf(logits)}; expected ${expected}`);

const ambiguous = (logits: ArraySource, labels: ArraySource): Error =>
  usageError(
    `${described(logits)} and ${described(labels)}: that can be one binary target a sample (1 is the object) or one class ` +
      'index a row (0 is the object, 1 the background), which are opposite. Say which with --label-format binary or ' +
      '--label-format index',
  );

/**
 * How class indices of C classes are read. Base 0: foreground 0..C-1, background C by default. Base 1: background 0 by
 * default, foreground 1..C.
 *
 * @throws usageError where the foreground, the background and the ignored label are not all different
 */
export function readIndexing(
  logits: ArraySource,
  options: Pick<StreamOptions, 'labelBase' | 'backgroundLabel' | 'ignoreLabel'>,
): ClassIndexing {
  const classes = logits.columns;
  const firstForeground = options.labelBase ?? 0;
  const background = options.backgroundLabel ?? (firstForeground === 0 ? classes : 0);
  const ignoreLabel = options.ignoreLabel ?? -1;
  const last = firstForeground + classes - 1;
  const range = `${firstForeground}..${last} of ${logits.name} [${logits.shape.join(', ')}]`;
  const isForeground = (label: number): boolean => label >= firstForeground && label <= last;
  if (isForeground(background)) {
    throw usageError(
      `--background-label ${background} is one of the classes ${range}; expected a label outside of them. ` +
        'Labels that start at 1 are read with --label-base 1',
    );
  }
  if (isForeground(ignoreLabel)) {
    throw usageError(`--ignore-label ${ignoreLabel} is one of the classes ${range}; expected a label outside of them`);
  }
  if (ignoreLabel === background) {
    throw usageError(
      `--ignore-label ${ignoreLabel} is also the background label, next to the classes ${range}; expected two different labels`,
    );
  }
  return { firstForeground, background };
}
