import { inputError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import type { ArrayGroup } from './array-groups.ts';
import { described, readIndexing, readTargets } from './label-reading.ts';
import { type ArraySource, FLOAT_DTYPES, type Part, type Row } from './source.ts';

/**
 * One part of the stream, from arrays that belong together: sees that they fit, and decides how the labels are read.
 *
 * @throws inputError for arrays that do not fit; usageError for options that do not fit them
 */
export function partOf({ logits, labels, labelWeights }: ArrayGroup, outputName: string, options: StreamOptions): Part {
  checkLogits(logits);
  checkRows(logits, labels, 'labels');
  const targets = readTargets(logits, labels, options.labelFormat ?? 'auto');
  if (labelWeights !== null) checkLabelWeights(logits, labelWeights);
  const indexing =
    targets === 'index' ? readIndexing(logits, options) : { firstForeground: 0, background: logits.columns };
  return {
    logits,
    labels,
    labelWeights,
    rows: logits.rows,
    classes: logits.columns,
    targets,
    indexing,
    ignoreLabel: options.ignoreLabel ?? -1,
    outputName,
    blocks: blocksOf(logits),
  };
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

function checkLabelWeights(logits: ArraySource, weights: ArraySource): void {
  checkRows(logits, weights, 'label weights');
  if (weights.columns === 1 || (weights.shape.length === 2 && weights.columns === logits.columns)) return;
  const perSample = logits.columns === 1 ? '' : ` or [${logits.rows}, ${logits.columns}] (one a sample)`;
  throw inputError(
    `${described(weights)}, which does not fit ${logits.name} [${logits.shape.join(', ')}]; expected label weights ` +
      `[${logits.rows}] or [${logits.rows}, 1] (one a row)${perSample}`,
  );
}
