import type { CellCounts } from '../../density/cells.ts';
import type { Density } from '../../density/density.ts';
import { lossesOf } from '../../density/loss.ts';
import { lossStrokes, ROWS, range } from './figures/figure.ts';
import { LOSS_TITLES } from './losses.ts';
import { formatCount, formatNumber, formatShare, html, Markup, table } from './markup.ts';
import type { ReportInput } from './report-input.ts';
import { contributions, type RegionRow, regionRows, sharesByRow } from './series.ts';
import { wordingOf } from './wording.ts';

/** Most input files listed by name. */

/** Samples and gradient at both ends of g, before and after. */
export function endsTable(density: Density, counts: CellCounts): Markup {
  const rows = regionRows(density, density.bins);
  const strokes = lossStrokes(wordingOf(density));
  const losses = [...contributions(counts, density)].map(([name, sums]) => ({
    name: strokes[name].name + ({ plain: ' (before)', focal: '', weighted: ' (after)' } as const)[name],
    shares: sharesByRow(sums, rows),
  }));
  const ends: (readonly [string, RegionRow])[] = [['easiest', rows[0]]];
  if (rows.length > 1) ends.push(['hardest', rows[rows.length - 1]]);
  return table(
    'Share of the samples, and of the total gradient under each loss, in the first and the last unit region',
    ['region', 'g', 'samples', 'share', ...losses.map(({ name }) => name)],
    ends.map(([name, row]) => [
      name,
      range(row),
      formatCount(row.count),
      ...[row.share, ...losses.map(({ shares }) => shares[row.first])].map(formatShare),
    ]),
  );
}

export function lossTable({ task, loss }: Density): Markup {
  const cell = (mean: number | null) => (mean === null ? 'infinite' : formatNumber(mean));
  return table(
    'Mean loss over the counted samples',
    ['loss', 'mean'],
    lossesOf(task).map((name) => [LOSS_TITLES[name], cell(loss[name] ?? null)]),
  );
}

/** Every unit region, or where there are more than 60, collapsed and joined to at most 60 rows. */
export function regionsTable(density: Density): Markup {
  const rows = regionRows(density, ROWS);
  const most = Math.max(...rows.map(({ share }) => share));
  const bar = (share: number) =>
    share > 0
      ? new Markup(`<span class="bar" style="width:${(6 * Math.sqrt(share / most)).toFixed(2)}rem"></span>`)
      : null;
  const joined = rows.length < density.bins;
  const listed = table(
    joined
      ? `${formatCount(density.bins)} unit regions, ${rows[0].regions} to a row; β is the mean over the samples of the row`
      : `${formatCount(density.bins)} unit regions, ${formatCount(density.validBins)} with samples`,
    ['g', 'samples', 'share', 'β', 'share, square root scale'],
    rows.map((row) => [
      range(row),
      formatCount(row.count),
      formatShare(row.share),
      row.count === 0 ? '– (empty)' : `${formatNumber(row.beta)}${row.clipped ? ' (clipped)' : ''}`,
      bar(row.share),
    ]),
  );
  if (!joined) return listed;
  return html`<details><summary>Show the regions, ${rows[0].regions} to a row</summary>${listed}</details>
<p class="soft">density.json has all ${formatCount(density.bins)} regions one by one.</p>`;
}

function densityWords({ method, bins, normalize, window }: Density): string {
  const regions = `M = ${formatCount(bins)}`;
  if (window === undefined) return `${method}, ${regions}, normalized by ${normalize}`;
  const { epsilon, errorBound } = window;
  const worst = `${formatNumber(100 * errorBound.max)} % at worst`;
  return `${method} of ${formatNumber(epsilon)}, certain to ${worst}; listed by ${regions} unit regions, β their mean`;
}

/** How the numbers came about. */
export function runTable(input: ReportInput): Markup {
  const { density, options } = input;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const rows: [string, string][] = [
    ['command', input.command],
    ['version', `ghm ${input.version}`],
    ...(input.time === '' ? [] : [['time', input.time] as [string, string]]),
    ...(input.samplesPerSecond
      ? [['throughput', `${formatNumber(input.samplesPerSecond / 1e6)} million samples a second`] as [string, string]]
      : []),
    ['density', densityWords(density)],
    ...given.map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ];
  return html`<div class="words">${table(
    'Facts of the run',
    ['fact', 'value'],
    rows.map(([name, value]) => [name, html`<code>${value}</code>`]),
  )}</div>`;
}

export function inputsTable({ inputs }: ReportInput): Markup | null {
  const { count, first } = inputs;
  if (count === 0) return null;
  const more = count - first.length;
  return html`<div class="words">${table(
    `Input files (${formatCount(count)})`,
    ['file', 'shape', 'dtype'],
    first.map(({ name, shape, dtype }) => [html`<code>${name}</code>`, shape.map(formatCount).join(' × '), dtype]),
  )}</div>${more > 0 ? html`<p class="soft">and ${formatCount(more)} more; summary.json lists them all.</p>` : null}`;
}
