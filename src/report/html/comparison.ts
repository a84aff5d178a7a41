import { lossesOf } from '../../density/loss.ts';
import type { Canvas } from './canvas.ts';
import { comparisonFigures } from './comparison-figures.ts';
import { figureMarkup } from './figure-markup.ts';
import { lossStrokes, range } from './figures/figure.ts';
import { LOSS_TITLES } from './losses.ts';
import { formatCount, formatNumber, formatShare, html, type Markup, table } from './markup.ts';
import { page, warningBox } from './page.ts';
import type { ReportInput } from './report-input.ts';
import { contributions, labelTotals, regionRows, sharesByRow } from './series.ts';
import { inputsTable, runTable } from './tables.ts';
import { hasLabels, wordingOf } from './wording.ts';

/** Two runs in one page, before and after training, say. */
export function renderComparison(canvas: Canvas, before: ReportInput, after: ReportInput): string {
  const figures = comparisonFigures(canvas, before, after).map((figure) => figureMarkup(canvas, figure));
  const hasCells = before.counts !== null && after.counts !== null;
  return page(
    `GHM report: ${before.name} and ${after.name}`,
    html`${lede(before, after)}
${warningBox([...new Set([...before.warnings, ...after.warnings])])}
<section><h2>Both runs in numbers</h2>${numbers(before, after)}</section>
${figures}
${hasCells ? null : html`<section><p class="soft">Left out: the share of the gradient. It needs the cell counts of two partials, as ghm histogram makes them.</p></section>`}
${[before, after].map((run) => html`<section><h2>${run.name}</h2>${runTable(run)}${inputsTable(run)}</section>`)}`,
  );
}

function lede(before: ReportInput, after: ReportInput): Markup {
  const [plain] = lossesOf(after.density.task);
  const [a, b] = [before, after].map(({ density }) => meanOf(density.loss[plain]));
  const hardest = [before, after].map(({ density }) => {
    const rows = regionRows(density, density.bins);
    return formatShare(rows[rows.length - 1].share);
  });
  return html`<p class="lede">From ${before.name} to ${after.name} the mean ${wordingOf(after.density).plain} went from ${a} to ${b}, and
the share of the samples in the hardest unit region from ${hardest[0]} to ${hardest[1]}.</p>`;
}

/** One row a number, one column a run. */
function numbers(before: ReportInput, after: ReportInput): Markup {
  const columns = [before, after].map(columnOf);
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return table(
    'Before and after',
    ['', before.name, after.name],
    names.map((name) => [name, ...columns.map((column) => column.get(name) ?? '–')]),
  );
}

function columnOf({ density, counts }: ReportInput): ReadonlyMap<string, string> {
  const rows = regionRows(density, density.bins);
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const strokes = lossStrokes(wordingOf(density));
  const shares = counts === null ? [] : [...contributions(counts, density)];
  const labels = counts === null || !hasLabels(density) ? null : labelTotals(counts);
  return new Map([
    ['samples', formatCount(density.total)],
    ['ignored', formatCount(density.ignored)],
    ...(labels === null ? [] : [['positives', formatCount(labels.positives)] as const]),
    ['unit regions', formatCount(density.bins)],
    ...lossesOf(density.task).map((name) => [`mean ${LOSS_TITLES[name]}`, meanOf(density.loss[name])] as const),
    ...([first, last] as const).flatMap((row, i) => {
      const end = i === 0 ? 'easiest' : 'hardest';
      return [
        [`${end} region, g`, range(row)] as const,
        [`samples in the ${end} region`, formatShare(row.share)] as const,
        ...shares.map(
          ([name, sums]) =>
            [
              `gradient of ${strokes[name].name} in it (${end})`,
              formatShare(sharesByRow(sums, rows)[row.first]),
            ] as const,
        ),
      ];
    }),
  ]);
}

const meanOf = (mean: number | null | undefined): string => (mean == null ? 'infinite' : formatNumber(mean));
