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

/** What a figure looks like at each width. */
export interface Drawable {
  readonly height?: (width: Width) => number;
  readonly plot: (width: Width) => PlotOptions;
}

/** One drawing: what is inside its svg element, and the size of its view box. */
export interface Drawing {
  readonly markup: string;
  readonly width: number;
  readonly height: number;
}

/** Draws a figure. `name` is unique on the page. */
export function draw(canvas: Canvas, name: string, figure: Drawable, at: Width): Drawing {
  const { width, height } = { ...SIZES[at], ...(figure.height && { height: figure.height(at) }) };
  const svg = canvas.Plot.plot({
    document: canvas.document,
    width,
    height,
    marginLeft: 56,
    marginBottom: 42,
    marginTop: 30,
    marginRight: 12,
    ...figure.plot(at),
  }) as unknown as { innerHTML: string };
  return { markup: compact(svg.innerHTML, `${name}-${at}-clip`), width, height };
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
