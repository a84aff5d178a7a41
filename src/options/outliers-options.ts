import { usageError } from '../errors.ts';
import type { CompleteOutliersOptions } from './complete-options.ts';
import { choice, integer, path, paths, type RawOptions, within, yes } from './fields.ts';
import type { OutliersFormat } from './options.ts';

export const OUTLIERS = ['density', 'top', 'minG', 'per', 'by', 'keep', 'out', 'format', 'force'];
export const OUTLIERS_FORMATS = ['csv', 'jsonl', 'parquet'] as const satisfies readonly OutliersFormat[];

const MOST = 1_000_000;
const COLUMN = 'class, file, or the name of a column';

type OutliersChoice = Pick<
  CompleteOutliersOptions,
  'density' | 'top' | 'minG' | 'per' | 'by' | 'keep' | 'out' | 'format' | 'force'
>;

/** What is looked for and where it goes. @throws GhmError (usage) */
export function outliersChoice(raw: RawOptions): OutliersChoice {
  const per = path(raw, 'per', COLUMN);
  const by = path(raw, 'by', COLUMN);
  const density = path(raw, 'density', 'the file of a partial or a density.json');
  const minG = within(raw, 'minG', 0, 1);
  const keep = keptNames(raw);
  const out = path(raw, 'out', 'the file to write');
  if (by !== undefined) refuseWithGroups(density, { '--per': per, '--min-g': minG, '--keep': keep[0] });
  return {
    density,
    top: integer(raw, 'top', 1, MOST) ?? (per === undefined ? 1000 : 10),
    minG,
    per,
    by,
    keep,
    out,
    format: choice(raw, 'format', OUTLIERS_FORMATS) ?? formatOf(out),
    force: yes(raw, 'force'),
  };
}

/** None is no name; that is also how complete options say it. */
const keptNames = (raw: RawOptions): readonly string[] =>
  Array.isArray(raw.keep) && raw.keep.length === 0 ? [] : (paths(raw, 'keep', 'the name of a column') ?? []);

function refuseWithGroups(density: string | undefined, ofSamples: Readonly<Record<string, unknown>>): void {
  for (const [flag, value] of Object.entries(ofSamples)) {
    if (value === undefined) continue;
    throw usageError(`${flag} is for samples, and --by ranks groups of them: drop one of the two`);
  }
  if (density === undefined) {
    throw usageError(
      '--by: ranks by the sum of beta times loss, and there are no weights; add --density FILE, a partial or a density.json',
    );
  }
}

function formatOf(out: string | undefined): OutliersFormat {
  return OUTLIERS_FORMATS.find((format) => out?.endsWith(`.${format}`)) ?? 'csv';
}
