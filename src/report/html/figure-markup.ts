import { type Canvas, draw } from './canvas.ts';
import { type Figure, ROWS, range, type ValueRow, type Values } from './figures/figure.ts';
import { legend } from './marks.ts';
import { escapeHtml, formatNorm, html, Markup, table } from './markup.ts';

/** Title, what to look for, legend, both drawings and their values. */
export function figureMarkup(canvas: Canvas, figure: Figure): Markup {
  const { name, title, look, strokes } = figure;
  return html`<figure id="${name}"><figcaption><h2>${title}</h2><p>${look}</p>${strokes.length > 1 ? legend(strokes) : null}</figcaption>
${drawings(canvas, figure)}
<details><summary>Values of this figure</summary>${valuesTable(figure.values(ROWS))}</details></figure>`;
}

/** Both widths; the page shows the one that fits. */
function drawings(canvas: Canvas, figure: Figure): Markup {
  const both = (['wide', 'narrow'] as const).map((at) => {
    const { markup, width, height } = draw(canvas, figure.name, figure, at);
    return `<svg class="plot ${at}" role="img" aria-label="${escapeHtml(figure.label)}" viewBox="0 0 ${width} ${height}" \
fill="currentColor" text-anchor="middle" font-size="12">${markup}</svg>`;
  });
  return new Markup(both.join('\n'));
}

/** Rounded for the eye, with the very numbers beside for whoever reads the page by program. */
function valuesTable({ caption, columns, rows }: Values): Markup {
  const hasNotes = rows.some(({ note }) => note);
  const nameOf = ({ of }: ValueRow) =>
    typeof of === 'object' ? range(of) : typeof of === 'number' ? formatNorm(of) : of;
  const isOfGroups = rows.some(({ of }) => typeof of === 'string');
  return table(
    caption,
    [isOfGroups ? '' : 'g', ...columns.map(({ name }) => name), ...(hasNotes ? [''] : [])],
    rows.map((row) => [
      nameOf(row),
      ...row.cells.map((value, i) =>
        value === null ? '–' : html`<data value="${value}">${columns[i].format(value)}</data>`,
      ),
      ...(hasNotes ? [row.note ?? ''] : []),
    ]),
  );
}
