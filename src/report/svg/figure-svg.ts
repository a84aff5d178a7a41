import { type Canvas, draw } from '../html/canvas.ts';
import type { Figure } from '../html/figures/figure.ts';
import type { Stroke } from '../html/marks.ts';
import { escapeHtml } from '../html/markup.ts';
import { lightColors } from '../html/styles.ts';

const MARGIN = 20;
const FONT_SIZE = 12;
const FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif";
/** Width of a letter and of a line's sample, height of a line of text. */
const LETTER = 6.6;
const SAMPLE = 34;
const LINE = 20;

/** One figure as an SVG image of its own, light, with title and legend, and nothing that needs a style sheet. */
export function figureSvg(canvas: Canvas, figure: Figure): string {
  const { markup, width, height } = draw(canvas, figure.name, figure, 'wide');
  const strokes = figure.strokes.length > 1 ? figure.strokes : [];
  const legend = legendOf(strokes, width);
  const top = 52 + legend.height;
  const [w, h] = [width + 2 * MARGIN, top + height + MARGIN / 2];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" \
aria-label="${escapeHtml(figure.label)}" font-family="${FONT}" font-size="${FONT_SIZE}" fill="var(--ink)" color="var(--ink)">
<title>${escapeHtml(figure.title)}</title>
<desc>${escapeHtml(figure.look)}</desc>
<rect width="${w}" height="${h}" fill="var(--paper)"/>
<text x="${MARGIN}" y="34" font-size="18" font-weight="600">${escapeHtml(figure.title)}</text>
${legend.markup}
<g transform="translate(${MARGIN} ${top})" text-anchor="middle">${markup}</g>
</svg>
`;
  const colors = lightColors();
  // some renderers know neither custom properties nor em
  return svg
    .replace(/="(-?[\d.]+)em"/g, (_, em: string) => `="${(FONT_SIZE * Number(em)).toFixed(2)}"`)
    .replace(/var\(--([\w-]+)\)/g, (_, name: string) => colors.get(name) ?? 'none')
    .replaceAll('currentColor', colors.get('ink') ?? 'black');
}

/** The strokes side by side, in as many lines as they need. */
function legendOf(strokes: readonly Stroke[], width: number): { readonly markup: string; readonly height: number } {
  let [x, y] = [MARGIN, 54];
  const entries = strokes.map(({ name, color, dash, width: thick = 1.75 }) => {
    const wide = SAMPLE + LETTER * name.length + 18;
    if (x + wide > width && x > MARGIN) [x, y] = [MARGIN, y + LINE];
    const entry = `<path d="M${x} ${y}h26" stroke="${color}" stroke-width="${thick + 0.5}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>\
<text x="${x + SAMPLE}" y="${y + 4}">${escapeHtml(name)}</text>`;
    x += wide;
    return entry;
  });
  return { markup: entries.join('\n'), height: strokes.length > 0 ? y - 54 + LINE : 0 };
}
