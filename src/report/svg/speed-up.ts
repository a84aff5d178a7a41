import type { BenchReport, Measurement, Place, Work } from '../../bench/report.ts';
import { nameOf } from '../../bench/rows.ts';
import { type Canvas, openCanvas } from '../html/canvas.ts';
import { escapeHtml } from '../html/markup.ts';
import { legendOf, type Series } from './legend.ts';
import { dotOptions, IDEAL, MARGIN, markupOf, type Style, WIDTH } from './style.ts';

const PLOT_HEIGHT = 380;
const INK = '#1c2430';
const SOFT = '#5b6674';
const FONT = "system-ui,-apple-system,'Segoe UI',Roboto,sans-serif";

/** The engine of tensors is measured for its cost, not for its speed-up. */
const PANELS: Readonly<Record<Exclude<Place, 'engine'>, string>> = {
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

interface Point extends Series {
  readonly panel: string;
  readonly threads: number;
  readonly speedUp: number;
}

/** The speed-up of every work over one thread as one SVG image: a panel a place, the ideal as a dotted line. */
export async function speedUpChart(report: BenchReport): Promise<string> {
  const canvas = await openCanvas();
  const points = report.measurements.flatMap((measured): Point[] => {
    const style = styleOf(measured);
    const { place, threads, speedUp } = measured;
    if (style === undefined || speedUp === null || place === 'engine') return [];
    return [{ ...style, panel: PANELS[place], series: seriesOf(measured, report.classes), threads, speedUp }];
  });
  const legend = legendOf(canvas, points);
  const { machine, version, options } = report;
  const top = 76 + legend.height;
  const height = top + PLOT_HEIGHT + MARGIN / 2;
  const facts = `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; ghm ${version}; medians of ${options.runs} runs`;
  const inner = (y: number, height: number, markup: string): string =>
    `<svg y="${y}" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" color="${INK}" \
fill="currentColor" text-anchor="middle">${markup}</svg>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" \
role="img" aria-label="Speed-up by number of threads" font-family="${FONT}" font-size="13" fill="${INK}">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="38" font-size="20" font-weight="600">Speed-up: samples a second, against one thread</text>
<text x="${MARGIN}" y="60" fill="${SOFT}">${escapeHtml(facts)}</text>
${inner(70, legend.height, legend.markup)}
${inner(top, PLOT_HEIGHT, draw(canvas, points, options.threads))}
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
      Plot.dot(own, { ...at, ...dotOptions(style) }),
    ];
  });
  return markupOf(
    Plot.plot({
      document,
      width: WIDTH,
      height: PLOT_HEIGHT,
      marginLeft: 56,
      marginRight: MARGIN,
      marginTop: 28,
      marginBottom: 46,
      style: { fontSize: '13px' },
      fx: { domain: panels, label: null, padding: 0.08, tickSize: 0 },
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
        label: null,
        tickSize: 0,
      },
      marks: [
        Plot.frame({ stroke: '#dfe3e8' }),
        Plot.line(ideal, {
          x: 'count',
          y: 'count',
          fx: 'panel',
          stroke: IDEAL.color,
          strokeDasharray: '1 4',
          strokeLinecap: 'round',
        }),
        ...lines,
      ],
    }),
  );
}

/** A tick takes a tenth of a panel. */
const TICKS = 10;

/** The numbers of threads from the largest down, those left out that have no room. */
function ticksOf(threads: readonly number[]): number[] {
  const room = (threads.at(-1) ?? 1) / TICKS;
  const ticks: number[] = [];
  for (const count of threads.toReversed()) {
    if (ticks.length === 0 || ticks[ticks.length - 1] - count >= room) ticks.push(count);
  }
  return ticks;
}
