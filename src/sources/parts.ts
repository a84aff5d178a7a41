import { inputError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import { discover } from './discover.ts';
import { described, readIndexing, readTargets } from './label-reading.ts';
import { openNpy } from './npy/open.ts';
import { outputNames } from './output-name.ts';
import { type FilePair, pairFiles } from './pair.ts';
import { type ArraySource, FLOAT_DTYPES, type Part } from './source.ts';

/** The input of a run, from headers alone. */
export interface ResolvedParts {
  /** In natural order of the logits files. Parts may differ in C, in dtype, and in how their labels are read. */
  readonly parts: Part[];
  /** What the user should know though the run goes on. */
  readonly warnings: string[];
  /** The sum of rows * classes, at least 1. */
  readonly samples: number;
}

/**
 * Finds, opens and pairs the files of a stream and decides how their labels are read. Reads headers, no data.
 *
 * @param cwd what relative paths and globs are relative to
 * @throws inputError for missing, bad or unfitting files; usageError for options that do not fit them
 */
export function resolveParts(options: StreamOptions, cwd = process.cwd()): ResolvedParts {
  const { pairs, warnings } = pairFiles({
    logits: discover(options.logits, '--logits', cwd),
    labels: discover(options.labels, '--labels', cwd),
    labelWeights: options.labelWeights === undefined ? null : discover(options.labelWeights, '--label-weights', cwd),
  });
  const names = outputNames(pairs.map(({ logits }) => logits.path));
  const parts = pairs.map((pair, i) => partOf(pair, names[i] ?? '', options));
  const samples = parts.reduce((sum, part) => sum + part.rows * part.classes, 0);
  if (samples === 0) throw inputError(noSamples(parts));
  return { parts, warnings: [...warnings, ...float64Warning(parts), ...noEffectWarnings(parts, options)], samples };
}

function partOf(pair: FilePair, outputName: string, options: StreamOptions): Part {
  const logits = openNpy(pair.logits.path, pair.logits.name);
  const labels = openNpy(pair.labels.path, pair.labels.name);
  const labelWeights = pair.labelWeights && openNpy(pair.labelWeights.path, pair.labelWeights.name);
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
  };
}

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

function noSamples(parts: readonly Part[]): string {
  const [first] = parts;
  const more = parts.length > 1 ? `, and all ${parts.length} files are empty` : '';
  return `no samples: ${first === undefined ? 'no files' : described(first.logits)}${more}; expected at least one logit`;
}

function float64Warning(parts: readonly Part[]): string[] {
  const count = parts.filter(({ logits }) => logits.dtype === 'float64').length;
  if (count === 0) return [];
  return [`${count} ${count === 1 ? 'file of float64 logits is' : 'files of float64 logits are'} rounded to float32`];
}

function noEffectWarnings(parts: readonly Part[], options: StreamOptions): string[] {
  const binary = parts.filter(({ targets }) => targets === 'binary').length;
  const given = [
    ...(options.labelBase === 1 ? ['--label-base 1'] : []),
    ...(options.backgroundLabel === undefined ? [] : [`--background-label ${options.backgroundLabel}`]),
  ];
  if (binary === 0) return [];
  return given.map(
    (option) =>
      `${option} has no effect on ${binary} of ${parts.length} ${parts.length === 1 ? 'file' : 'files'}, whose labels ` +
      'are binary targets, not class indices',
  );
}
