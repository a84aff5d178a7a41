import { type Breathe, breathing } from '../breath.ts';
import { inputError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import { columnOf, describeRequest, type SetRequest } from '../options/set-options.ts';
import { groupsOfContainers, groupsOfFiles } from './array-groups.ts';
import { unusedColumns } from './columns.ts';
import { described } from './label-reading.ts';
import { outputNames } from './output-name.ts';
import { partOf } from './part-of.ts';
import type { Part } from './source.ts';

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
 * Finds and opens the arrays of a stream, in files of their own or in containers, and decides how their labels are read.
 * Reads headers, no data.
 *
 * @param sets the batches or groups whose column is opened too
 * @param cwd what relative paths and globs are relative to
 * @throws inputError for missing, bad or unfitting files; usageError for options that do not fit them
 */
export async function resolveParts(
  options: StreamOptions,
  cwd = process.cwd(),
  sets: SetRequest | null = null,
  breathe: Breathe = breathing(),
): Promise<ResolvedParts> {
  const column = columnOf(sets);
  const wanted = sets && column !== null ? { name: column, flag: describeRequest(sets) } : null;
  const { groups, warnings } = await (options.files === undefined
    ? groupsOfFiles(options, wanted, cwd, breathe)
    : groupsOfContainers(options.files, options, wanted, cwd, breathe));
  const names = outputNames(groups.map(({ place }) => place));
  const parts: Part[] = [];
  for (const [i, group] of groups.entries()) {
    parts.push(partOf(group, names[i] ?? '', options));
    await breathe();
  }
  const samples = parts.reduce((sum, part) => sum + part.rows * part.classes, 0);
  if (samples === 0) throw inputError(noSamples(parts));
  return {
    parts,
    warnings: [
      ...warnings,
      ...unusedColumns(options, column),
      ...float64Warning(parts),
      ...noEffectWarnings(parts, options),
    ],
    samples,
  };
}

function noSamples(parts: readonly Part[]): string {
  const [first] = parts;
  const more = parts.length > 1 ? `, and all ${parts.length} files are empty` : '';
  return `no samples: ${first === undefined ? 'no files' : described(first.logits)}${more}; expected at least one logit`;
}

function float64Warning(parts: readonly Part[]): string[] {
  const count = parts.filter(({ logits, targets }) => logits.dtype === 'float64' && targets !== 'boxes').length;
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
