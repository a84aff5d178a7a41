import type { BenchReport, Measurement, Place, Work } from '../../bench/report.ts';
import { nameOf } from '../../bench/rows.ts';
import { type Canvas, openCanvas } from '../html/canvas.ts';
import { escapeHtml } from '../html/markup.ts';

/** How a work is drawn in every panel. */
interface Style {
  readonly color: string;
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'times' | 'plus';
  readonly dash?: string;
}

const WIDTH = 960;
const PLOT_HEIGHT = 380;
const MARGIN = 24;
const INK = '#1c2430';
const SOFT = '#5b6674';
const FONT = "system-ui,-apple-system,'Segoe UI',Roboto,sans-serif";

const PANELS: Readonly<Record<Place, string>> = {
  cache: 'in cache',
  memory: 'in memory',
  files: 'from files',
};

/** The works that are drawn: the tool's own, and what the machine reads at best. */
function styleOf({ work, data, place }: Pick<Measurement, 'work' | 'data' | 'place'>): Style | undefined {
  if (work === 'read') return data === 'float32' ? { color: '#8b95a1', symbol: 'times', dash: '5 4' } : undefined;
  if (work === 'reweight') return { color: INK, symbol: 'diamond' };
  if (work === 'weigh') return { color: '#c4520c', symbol: 'square' };
  if (work !== 'count') return undefined;
  if (place === 'files' || data === 'float32') return { color: '#2a66c8', symbol: 'circle' };
  return data === 'float16' ? { color: '#8a3fb0', symbol: 'plus' } : { color: '#0b7f6b', symbol: 'triangle' };
}

interface Point extends Style {
  readonly panel: string;
  readonly series: string;
  readonly threads: number;
  readonly speedUp: number;
}

/** The speed-up of every work over one thread as one SVG image: a panel a place, the ideal as a dotted line. */
export async function speedUpChart(report: BenchReport): Promise<string> {
  const canvas = await openCanvas();
  const points = report.measurements.flatMap((measured): Point[] => {
    const style = styleOf(measured);
    if (style === undefined || measured.speedUp === null) return [];
    const { threads, speedUp } = measured;
    return [{ ...style, panel: PANELS[measured.place], series: seriesOf(measured, report.classes), threads, speedUp }];
  });
  const legend = legendOf(points);
  const { machine, version, options } = report;
  const top = 88 + legend.height;
  const height = top + PLOT_HEIGHT + MARGIN;
  const facts = `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; ghm ${version}; medians of ${options.runs} runs`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" \
role="img" aria-label="Speed-up by number of threads" font-family="${FONT}" font-size="13" fill="${INK}">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="38" font-size="20" font-weight="600">Speed-up by number of threads</text>
<text x="${MARGIN}" y="60" fill="${SOFT}">${escapeHtml(facts)}</text>
<g transform="translate(${MARGIN} 76)">${legend.markup}</g>
<svg x="0" y="${top}" width="${WIDTH}" height="${PLOT_HEIGHT}" viewBox="0 0 ${WIDTH} ${PLOT_HEIGHT}" \
fill="currentColor" text-anchor="middle" color="${INK}">${draw(canvas, points, options.threads)}</svg>
</svg>
`;
}

/** On files a pass has the name of its kernel, so that one legend serves all panels. */
function seriesOf({ work, data, place }: Measurement, classes: number): string {
  const names: Partial<Record<Work, string>> = { read: 'read alone', reweight: 'whole reweight' };
  return names[work] ?? nameOf({ work, data, place: place === 'files' ? 'memory' : place }, classes);
}

function draw({ Plot, document }: Canvas, points: readonly Point[], threads: readonly number[]): string {
  const most = Math.max(...threads);
  const highest = Math.max(most, ...points.map(({ speedUp }) => speedUp));
  const panels = Object.values(PANELS);
  const ideal = panels.flatMap((panel) => [1, most].map((count) => ({ panel, count })));
  const series = new Map(points.map((point) => [`${point.panel} ${point.series}`, point]));
  const lines = [...series].map(([, style]) => {
    const own = points.filter(({ panel, series: name }) => panel === style.panel && name === style.series);
    const at = { x: 'threads', y: 'speedUp', fx: 'panel', stroke: style.color } as const;
    return [
      Plot.line(own, { ...at, strokeWidth: 1.75, ...(style.dash !== undefined && { strokeDasharray: style.dash }) }),
      Plot.dot(own, { ...at, symbol: style.symbol, r: 3.5, strokeWidth: 1.75, fill: '#fff' }),
    ];
  });
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: PLOT_HEIGHT,
    marginLeft: 56,
    marginRight: MARGIN,
    marginTop: 36,
    marginBottom: 46,
    style: { fontSize: '13px' },
    fx: { domain: panels, label: null, padding: 0.08 },
    x: {
      domain: [most > 1 ? 1 : 0.5, Math.max(1.5, most)],
      ticks: ticksOf(threads),
      tickFormat: String,
      label: 'threads',
      labelAnchor: 'center',
      labelArrow: 'none',
      inset: 10,
    },
    y: {
      domain: [0, highest * 1.05],
      grid: true,
      nice: true,
      label: 'samples a second, against one thread',
      labelArrow: 'none',
      tickSize: 0,
    },
    marks: [
      Plot.frame({ stroke: '#dfe3e8' }),
      Plot.line(ideal, {
        x: 'count',
        y: 'count',
        fx: 'panel',
        stroke: '#9aa5b1',
        strokeDasharray: '1 4',
        strokeLinecap: 'round',
      }),
      ...lines,
    ],
  }) as unknown as { innerHTML: string };
  return svg.innerHTML.replace(/<style>[\s\S]*?<\/style>/, '').replace(/(\.\d\d)\d+/g, '$1');
}

const MOST_TICKS = 8;

/** The numbers of threads, or so many of them as a panel has room for, the last one among them. */
function ticksOf(threads: readonly number[]): number[] {
  const every = Math.ceil(threads.length / MOST_TICKS);
  return threads.filter((_, i) => (threads.length - 1 - i) % every === 0);
}

const LETTER = 7;
const SAMPLE = 34;
const LINE = 22;

/** The series side by side, in as many lines as they need. */
function legendOf(points: readonly Point[]): { readonly markup: string; readonly height: number } {
  const entries = new Map<string, Style>(points.map((point) => [point.series, point]));
  entries.set('ideal', { color: '#9aa5b1', symbol: 'times', dash: '1 4' });
  let [x, y] = [0, 0];
  const markup = [...entries].map(([name, { color, dash }]) => {
    const width = SAMPLE + LETTER * name.length + 22;
    if (x + width > WIDTH - 2 * MARGIN) [x, y] = [0, y + LINE];
    const entry = `<g transform="translate(${x} ${y})"><path d="M0 8H26" stroke="${color}" stroke-width="2.5" \
stroke-dasharray="${dash ?? 'none'}" stroke-linecap="round"/><text x="${SAMPLE}" y="13">${escapeHtml(name)}</text></g>`;
    x += width;
    return entry;
  });
  return { markup: markup.join(''), height: y + LINE };
}
