import { type Breathe, breathing } from '../../breath.ts';
import { openCanvas } from './canvas.ts';
import { figureMarkup } from './figure-markup.ts';
import { html, type Markup } from './markup.ts';
import { factTiles, finding, page, warningBox } from './page.ts';
import { reportFigures } from './report-figures.ts';
import type { ReportInput } from './report-input.ts';
import { endsTable, inputsTable, lossTable, regionsTable, runTable } from './tables.ts';

/** What is known of a run only when it has ended. */
export type LateFacts = Pick<ReportInput, 'samplesPerSecond'>;

/**
 * The report as one HTML file: no script, no network, light and dark, wide, narrow and on paper. Loads its drawing
 * libraries when first called.
 */
export async function renderReport(input: ReportInput, breathe: Breathe = breathing()): Promise<string> {
  const complete = await drawReport(input, breathe);
  return complete(input);
}

/** All of the report but what is known last, so that it can be drawn while weights are written. */
export async function drawReport(
  input: ReportInput,
  breathe: Breathe = breathing(),
): Promise<(facts: LateFacts) => string> {
  const { density, counts, title } = input;
  const run = (facts: LateFacts) => html`${runTable({ ...input, ...facts })}${inputsTable(input)}`;
  if (density.total === 0) {
    return (facts) =>
      page(
        title,
        html`${factTiles(input)}${warningBox(input.warnings)}
<section><p>No samples were counted, so there is nothing to draw: every sample was ignored, or the input has no rows.</p>
${run(facts)}</section>`,
      );
  }
  const canvas = await openCanvas();
  await breathe();
  const figures: Markup[] = [];
  for (const figure of reportFigures(canvas, input)) {
    figures.push(figureMarkup(canvas, figure));
    await breathe();
  }
  const body = html`${finding(density, counts)}
${factTiles(input)}
${warningBox(input.warnings)}
${figures}
${counts === null ? CELLS_NEEDED : null}
<section><h2>Before and after</h2>${counts === null ? null : endsTable(density, counts)}${lossTable(density)}</section>
<section><h2>Unit regions</h2>${regionsTable(density)}</section>`;
  return (facts) =>
    page(
      title,
      html`${body}
<section><h2>This run</h2>${run(facts)}</section>`,
    );
}

const CELLS_NEEDED = html`<section><p class="soft">Left out: finer bins than unit regions, positives and negatives apart, the share
of the gradient by region, and both ends before and after. They need the cell counts of a partial; this report was made from a
density.json, which has region counts only. ghm histogram makes a partial, ghm report draws it.</p></section>`;
