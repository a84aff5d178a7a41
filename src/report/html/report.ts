import { openCanvas } from './canvas.ts';
import { contributionFigure } from './figures/contribution.ts';
import { distributionFigure } from './figures/distribution.ts';
import { reformulationFigure } from './figures/reformulation.ts';
import { weightFigure } from './figures/weight.ts';
import { html } from './markup.ts';
import { factTiles, finding, page, warningBox } from './page.ts';
import type { ReportInput } from './report-input.ts';
import { endsTable, inputsTable, lossTable, regionsTable, runTable } from './tables.ts';

/**
 * The report as one HTML file: no script, no network, light and dark, wide, narrow and on paper. Loads its drawing
 * libraries when first called.
 */
export async function renderReport(given: ReportInput): Promise<string> {
  const { density } = given;
  // what is drawn of cells is about logits and their labels
  const isOfLogits = density.task === 'classification' && !density.softTargets;
  const input = isOfLogits ? given : { ...given, counts: null };
  const { counts } = input;
  if (density.total === 0)
    return page(
      input.title,
      html`${factTiles(input)}${warningBox(input.warnings)}
<section><p>No samples were counted, so there is nothing to draw: every sample was ignored, or the input has no rows.</p>
${runTable(input)}${inputsTable(input)}</section>`,
    );
  const canvas = await openCanvas();
  const cellsNeeded = html`<section><p class="soft">Left out: positives and negatives apart, the share of the gradient
by region, and both ends before and after. ${
    isOfLogits
      ? 'They need the cell counts of a partial; this report was made from a density.json, which has region counts only.'
      : 'They are drawn for a classification with hard targets only.'
  }</p></section>`;
  return page(
    input.title,
    html`${finding(density, counts)}
${factTiles(input)}
${warningBox(input.warnings)}
${distributionFigure(canvas, density, counts)}
${counts === null ? cellsNeeded : contributionFigure(canvas, density, counts)}
${weightFigure(canvas, density)}
${density.task === 'regression' ? null : reformulationFigure(canvas, density, counts)}
<section><h2>Before and after</h2>${counts === null ? null : endsTable(density, counts)}${lossTable(density)}</section>
<section><h2>Unit regions</h2>${regionsTable(density)}</section>
<section><h2>This run</h2>${runTable(input)}${inputsTable(input)}</section>`,
  );
}
