import { usageError } from '../errors.ts';
import { FIGURE_NAMES, type FigureName } from '../report/html/figures/figure-names.ts';
import type { CompleteMomentumOptions, GivenDensityOptions } from './complete-options.ts';
import { givenDensity, momentumOptions } from './density-options.ts';
import { abortSignal, choice, type RawOptions, rawOptions, requiredPath, requiredPaths, yes } from './fields.ts';
import type { DensityOptions, MomentumOptions } from './options.ts';
import { GIVEN_DENSITY } from './validate.ts';

const FORMATS = ['html', 'svg', 'png', 'json'] as const;

/** `html`: the page; `svg` and `png`: one figure; `json`: the numbers of the figures. */
export type ReportFormat = (typeof FORMATS)[number];
export type { FigureName };

export interface ReportOptions extends DensityOptions, MomentumOptions {
  /** A partial, a density.json, or the output folder of a run; two of them are compared. */
  readonly files: string | readonly string[];
  /** The file to write. */
  readonly out: string;
  /** Default: by the ending of `out`, else `html`. */
  readonly format?: ReportFormat;
  /** Needed for `svg` and `png`; with `json` the numbers of this figure alone. */
  readonly figure?: FigureName;
  /** How a partial is made a density: `unit-region` (default) or `window`. */
  readonly method?: 'unit-region' | 'window';
  /** Replace the file if it exists. */
  readonly force?: boolean;
  /** Ends it; nothing is written. */
  readonly signal?: AbortSignal;
}

export interface CompleteReportOptions extends GivenDensityOptions, CompleteMomentumOptions {
  /** One or two. */
  readonly files: readonly string[];
  readonly out: string;
  readonly format: ReportFormat;
  readonly figure: FigureName | undefined;
  readonly force: boolean;
  readonly signal: AbortSignal | undefined;
}

/** A report. @throws GhmError (usage) */
export function validateReport(options: unknown): CompleteReportOptions {
  const raw = rawOptions(options, 'report', ['files', 'out', 'format', 'figure', 'force', 'signal', ...GIVEN_DENSITY]);
  const files = requiredPaths(raw, 'files', 'a partial, a density.json or an output folder');
  if (files.length > 2) throw usageError(`files: expected one to report or two to compare, found ${files.length}`);
  const out = requiredPath(raw, 'out', 'the file to write');
  const figure = choice(raw, 'figure', FIGURE_NAMES);
  const format = formatOf(raw, out);
  if ((format === 'svg' || format === 'png') && figure === undefined) {
    throw usageError(`--figure: expected one of ${FIGURE_NAMES.join(', ')} for a report as ${format}, found nothing`);
  }
  if (format === 'html' && figure !== undefined) {
    throw usageError('--figure: a page has all figures; add --format svg, png or json, or drop it');
  }
  return Object.freeze({
    files,
    out,
    format,
    figure,
    force: yes(raw, 'force'),
    signal: abortSignal(raw),
    ...givenDensity(raw),
    ...momentumOptions(raw),
  });
}

function formatOf(raw: RawOptions, out: string): ReportFormat {
  const asked = choice(raw, 'format', FORMATS);
  return asked ?? FORMATS.find((format) => out.toLowerCase().endsWith(`.${format}`)) ?? 'html';
}
