import type { Canvas } from '../html/canvas.ts';
import { dotOptions, IDEAL, type Ideal, MARGIN, markupOf, type Style, WIDTH } from './style.ts';

/** Width of a letter and of a line's sample, height of a line of text. */
const LETTER = 6.8;
const SAMPLE = 32;
const LINE = 22;

/** One line of the chart, or a point of it. */
export interface Series extends Style {
  readonly series: string;
}

/** The series side by side, in as many lines as they need. */
export function legendOf({ Plot, document }: Canvas, points: readonly Series[]): { markup: string; height: number } {
  const styles = new Map<string, Style | Ideal>(points.map((point) => [point.series, point]));
  styles.set('ideal', IDEAL);
  let [x, y] = [MARGIN, LINE / 2];
  const entries = [...styles].map(([name, style]) => {
    const width = SAMPLE + LETTER * name.length + 20;
    if (x + width > WIDTH) [x, y] = [MARGIN, y + LINE];
    const entry = { ...style, name, x, y };
    x += width;
    return entry;
  });
  const height = y + LINE / 2;
  const marks = entries.map((entry) => {
    const { color, dash } = entry;
    const at = { x: entry.x + SAMPLE / 2 - 3, y: entry.y };
    const ends = { x1: entry.x, x2: entry.x + SAMPLE - 6, y1: entry.y, y2: entry.y };
    return [
      Plot.link([ends], {
        ...XY,
        stroke: color,
        strokeWidth: 1.75,
        ...(dash !== undefined && { strokeDasharray: dash }),
      }),
      'symbol' in entry ? Plot.dot([at], { x: 'x', y: 'y', ...dotOptions(entry) }) : null,
      Plot.text([entry], { x: entry.x + SAMPLE, y: 'y', text: 'name', textAnchor: 'start' }),
    ];
  });
  const identity = { type: 'identity' } as const;
  return {
    markup: markupOf(
      Plot.plot({ document, width: WIDTH, height, margin: 0, x: identity, y: identity, axis: null, marks }),
    ),
    height,
  };
}

const XY = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' } as const;
