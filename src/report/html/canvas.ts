import { escapeHtml, Markup } from './markup.ts';

/** Observable Plot with a document to draw on. */
export interface Canvas {
  readonly Plot: typeof import('@observablehq/plot');
  readonly document: Document;
}

type Document = NonNullable<import('@observablehq/plot').PlotOptions['document']>;
type PlotOptions = import('@observablehq/plot').PlotOptions;

/** Loads both libraries, on first use only: together they take some 0.1 s; the bundle of linkedom loads in a third of the time. */
export async function openCanvas(): Promise<Canvas> {
  const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom/worker')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return { Plot, document: document as unknown as Document };
}

/** The two widths every figure is drawn at, in CSS pixels; the page shows the one that fits. */
export type Width = 'wide' | 'narrow';

const SIZES: Readonly<Record<Width, { readonly width: number; readonly height: number }>> = {
  wide: { width: 856, height: 360 },
  narrow: { width: 350, height: 290 },
};

/** Draws `options` at both widths. `name` is unique on the page, `label` the alternative text. */
export function draw(canvas: Canvas, name: string, label: string, options: (width: Width) => PlotOptions): Markup {
  const drawings = (['wide', 'narrow'] as const).map((width) => {
    const svg = canvas.Plot.plot({
      document: canvas.document,
      ...SIZES[width],
      marginLeft: 56,
      marginBottom: 42,
      marginTop: 30,
      marginRight: 12,
      ...options(width),
    }) as unknown as { innerHTML: string };
    const { width: w, height: h } = SIZES[width];
    return `<svg class="plot ${width}" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${w} ${h}" \
fill="currentColor" text-anchor="middle" font-size="12">${compact(svg.innerHTML, `${name}-${width}-clip`)}</svg>`;
  });
  return new Markup(drawings.join('\n'));
}

/** Without the style element of Plot and its numbers counted over the process; coordinates to a hundredth of a pixel. */
function compact(svg: string, clip: string): string {
  return svg
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/plot-clip-\d+/g, clip)
    .replace(/ (?:d|x|y|x1|x2|y1|y2|width|height|transform)="[^"]*"/g, (attribute) =>
      attribute.replace(/(\.\d\d)\d+/g, '$1'),
    );
}
