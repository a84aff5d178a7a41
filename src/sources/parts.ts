import { type Breathe, breathing } from '../breath.ts';
import { inputError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import { columnOf, describeRequest, type SetRequest } from '../options/set-options.ts';
import type { List } from '../shared-list/list.ts';
import { SharedListMaker } from '../shared-list/shared-list.ts';
import { groupsOfContainers, groupsOfFiles } from './array-groups.ts';
import { unusedColumns } from './columns.ts';
import { described } from './label-reading.ts';
import { outputNames } from './output-name.ts';
import { partOf } from './part-of.ts';
import type { Part } from './source.ts';

/** The input of a run, from headers alone. */
export interface ResolvedParts {
  /** In natural order of the logits files. Parts may differ in C, in dtype, and in how their labels are read. */
  readonly parts: List<Part>;
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
  const made = new SharedListMaker<Part>();
  const counts = { samples: 0, float64: 0, binary: 0 };
  for (const [i, group] of groups.entries()) {
    const part = partOf(group, names[i] ?? '', options);
    made.push(part);
    counts.samples += part.rows * part.classes;
    if (part.logits.dtype === 'float64' && part.targets !== 'boxes') counts.float64++;
    if (part.targets === 'binary') counts.binary++;
    await breathe();
  }
  const parts = made.list();
  const { samples } = counts;
  if (samples === 0) throw inputError(noSamples(parts));
  return {
    parts,
    warnings: [
      ...warnings,
      ...unusedColumns(options, column),
      ...float64Warning(counts.float64),
      ...noEffectWarnings(counts.binary, parts.length, options),
    ],
    samples,
  };
}

function noSamples(parts: List<Part>): string {
  const first = parts.at(0);
  const more = parts.length > 1 ? `, and all ${parts.length} files are empty` : '';
  return `no samples: ${first === undefined ? 'no files' : described(first.logits)}${more}; expected at least one logit`;
}

function float64Warning(count: number): string[] {
  if (count === 0) return [];
  return [`${count} ${count === 1 ? 'file of float64 logits is' : 'files of float64 logits are'} rounded to float32`];
}

function noEffectWarnings(binary: number, files: number, options: StreamOptions): string[] {
  const given = [
    ...(options.labelBase === 1 ? ['--label-base 1'] : []),
    ...(options.backgroundLabel === undefined ? [] : [`--background-label ${options.backgroundLabel}`]),
  ];
  if (binary === 0) return [];
  return given.map(
    (option) =>
      `${option} has no effect on ${binary} of ${files} ${files === 1 ? 'file' : 'files'}, whose labels are binary targets, ` +
      'not class indices',
  );
}
