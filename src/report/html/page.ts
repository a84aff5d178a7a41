import type { CellCounts } from '../../density/cells.ts';
import type { Density } from '../../density/density.ts';
import type { ComparedName } from './losses.ts';
import { formatCount, formatNorm, formatNumber, formatShare, html, Markup } from './markup.ts';
import type { ReportInput } from './report-input.ts';
import { contributions, labelTotals, regionRows, sharesByRow } from './series.ts';
import { STYLES } from './styles.ts';
import { hasLabels, wordingOf } from './wording.ts';

/** The whole document. Its policy lets the browser load nothing and run nothing. */
export function page(title: string, body: Markup): string {
  return html`${new Markup('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="ghm">
<title>${title}</title>
<style>${new Markup(STYLES)}</style>
</head>
<body>
<header><h1>${title}</h1></header>
<main>
${body}
</main>
<footer>Gradient norm, regions and β as in Li, Liu and Wang, “Gradient Harmonized Single-stage Detector”
(AAAI 2019, arXiv 1811.05181). Made by ghm; this file loads nothing from anywhere.</footer>
</body>
</html>
`.text;
}

/** The main result in a sentence or two. */
export function finding(density: Density, counts: CellCounts | null): Markup {
  const rows = regionRows(density, density.bins);
  const fullest = rows.reduce((most, row) => (row.count > most.count ? row : most));
  const where = `${formatShare(fullest.share)} of the samples have a gradient norm between ${formatNorm(fullest.from)} and ${formatNorm(fullest.to)}`;
  if (counts === null) return html`<p class="lede">${where}; their weight is ${formatNumber(fullest.beta)}.</p>`;
  const sums = contributions(counts, density);
  const shareOf = (name: ComparedName) => formatShare(sharesByRow(sums.get(name) ?? NONE, rows)[fullest.first]);
  return html`<p class="lede">${where}. They carry ${shareOf('plain')} of the gradient under plain ${wordingOf(density).plain},
and ${shareOf('weighted')} with these weights.</p>`;
}

const NONE = new Float64Array(0);

/** The numbers one looks for first. */
export function factTiles({ density, counts }: ReportInput): Markup {
  const tile = (name: string, value: string, note = '') =>
    html`<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`;
  const { total, ignored, bins, validBins, beta, counts: regions } = density;
  const labels = counts === null || !hasLabels(density) ? null : labelTotals(counts);
  const weights = beta.filter((_, j) => regions[j] > 0);
  return html`<dl class="facts">
${tile('Samples', formatCount(total), `N; ${formatCount(ignored)} ignored`)}
${
  labels === null
    ? null
    : tile(
        'Positives',
        formatCount(labels.positives),
        labels.positives > 0
          ? `${formatCount(labels.negatives)} negatives, 1\u00a0:\u00a0${formatCount(labels.negatives / labels.positives)}`
          : 'all samples are negatives',
      )
}
${tile('Unit regions', formatCount(bins), validBins === bins ? 'all hold samples' : `${formatCount(validBins)} hold samples`)}
${weights.length === 0 ? null : tile('Weight β', `${formatNumber(Math.min(...weights), 3)} – ${formatNumber(Math.max(...weights), 3)}`, 'smallest to largest')}
</dl>`;
}

export function warningBox(warnings: readonly string[]): Markup | null {
  if (warnings.length === 0) return null;
  return html`<div class="warnings" role="note"><h2>${warnings.length === 1 ? 'A warning' : `${formatCount(warnings.length)} warnings`}</h2>
<ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}
