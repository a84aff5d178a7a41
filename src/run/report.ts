import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type Breathe, breathing } from '../breath.ts';
import { inputError } from '../errors.ts';
import {
  type CompleteReportOptions,
  type FigureName,
  type ReportFormat,
  type ReportOptions,
  validateReport,
} from '../options/report-options.ts';
import { type Canvas, openCanvas } from '../report/html/canvas.ts';
import { renderComparison } from '../report/html/comparison.ts';
import { comparisonFigures } from '../report/html/comparison-figures.ts';
import type { Figure } from '../report/html/figures/figure.ts';
import { renderReport } from '../report/html/report.ts';
import { reportFigures } from '../report/html/report-figures.ts';
import type { ReportInput } from '../report/html/report-input.ts';
import { reportData } from '../report/json/report-data.ts';
import { figurePng } from '../report/png/figure-png.ts';
import { figureSvg } from '../report/svg/figure-svg.ts';
import { checkAbsent } from '../sinks/free-places.ts';
import { writeWhole } from '../sinks/staging.ts';
import { checkOutputFile } from '../sources/output-place.ts';
import { readRun } from './read-run.ts';

/** What `report` returns. */
export interface ReportSummary {
  readonly command: 'report';
  readonly out: string;
  readonly bytes: number;
  readonly format: ReportFormat;
  /** The figures in it. */
  readonly figures: readonly FigureName[];
  readonly seconds: number;
}

/**
 * The paper's figures and tables of one run, or of two side by side, as a page, an image or numbers. Reads no samples: a
 * partial is enough, or a density.json, which has no cells, so that what needs them is left out.
 *
 * @throws GhmError with the exit code the command line would end with; 3 where two runs cannot be compared, or have not
 *   the figure that was asked for
 */
export async function report(rawOptions: ReportOptions): Promise<ReportSummary> {
  const start = performance.now();
  const options = validateReport(rawOptions);
  const { out, format, force, signal } = options;
  const breathe = breathing(signal);
  const inputs = await Promise.all(options.files.map((path) => readRun(path, options, breathe)));
  await checkOutputFile(out, options.files.map(fileOf));
  await checkAbsent(out, force);
  const canvas = await openCanvas();
  await breathe();
  const figures = await figuresOf(canvas, inputs, options, breathe);
  await breathe();
  const content = await contentOf(canvas, inputs, figures, options, breathe);
  await breathe();
  await writeWhole(out, content, force);
  return {
    command: 'report',
    out,
    bytes: Buffer.byteLength(content),
    format,
    figures: figures.map(({ name }) => name),
    seconds: (performance.now() - start) / 1000,
  };
}

function fileOf(run: string): { path: string; name: string } {
  const path = lstatSync(run).isDirectory() ? join(run, 'density.json') : run;
  return { path, name: path };
}

/** Those that were asked for. */
async function figuresOf(
  canvas: Canvas,
  inputs: readonly ReportInput[],
  { figure, files }: CompleteReportOptions,
  breathe: Breathe,
): Promise<Figure[]> {
  const [first, second] = inputs;
  const all: Figure[] = [];
  for (const one of second === undefined ? reportFigures(canvas, first) : comparisonFigures(canvas, first, second)) {
    all.push(one);
    await breathe();
  }
  if (figure === undefined) return all;
  const found = all.filter(({ name }) => name === figure);
  if (found.length > 0) return found;
  const names = all.map(({ name }) => name).join(', ');
  throw inputError(
    `${files.join(', ')}: no figure ${figure} can be made of it; it has ${names === '' ? 'no samples, and no figures' : names}`,
  );
}

async function contentOf(
  canvas: Canvas,
  inputs: readonly ReportInput[],
  figures: readonly Figure[],
  { format }: CompleteReportOptions,
  breathe: Breathe,
): Promise<string | Uint8Array> {
  const [first, second] = inputs;
  switch (format) {
    case 'html':
      return second === undefined ? renderReport(first, breathe) : renderComparison(canvas, first, second);
    case 'json':
      return `${JSON.stringify(reportData(inputs, figures), null, 1)}\n`;
    case 'svg':
      return figureSvg(canvas, figures[0]);
    case 'png':
      return figurePng(figureSvg(canvas, figures[0]));
  }
}
