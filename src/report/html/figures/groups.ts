import type { PlotOptions } from '@observablehq/plot';
import type { Density, GroupDensities } from '../../../density/density.ts';
import type { Canvas, Width } from '../canvas.ts';
import { LOSS_TITLES, plainAndWeighted } from '../losses.ts';
import { logScale, outline, powersAround, type Step, strokeOptions, tickOfShare } from '../marks.ts';
import { formatCount, formatNumber, formatShare } from '../markup.ts';
import { wordingOf } from '../wording.ts';
import { ALL, type Figure } from './figure.ts';

/** Most groups that get a panel of their own. */
const PANELS = 24;
/** Most groups of the table: a browser shows no hundred thousand rows well. */
const LISTED = 1000;
/** Panels side by side, and pixels of one. */
const COLUMNS: Readonly<Record<Width, number>> = { wide: 4, narrow: 2 };
const PANEL_HEIGHT: Readonly<Record<Width, number>> = { wide: 150, narrow: 130 };

interface Panel {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Where the samples of each group are: one small panel a class, level or other group, the largest groups first. */
export function groupsFigure(canvas: Canvas, density: Density, groups: GroupDensities): Figure {
  const order = [...groups.values.keys()].filter((i) => groups.total[i] > 0).sort(byTotal(groups));
  const drawn = order.slice(0, PANELS).sort((a, b) => a - b);
  const panels = drawn.map((i) => ({ name: nameOf(groups, i), steps: sharesOf(density, groups, i) }));
  const whole = density.counts.map((count, j): Step => stepOf(density, j, count / density.total));
  const [low, high] = powersAround(panels.flatMap(({ steps }) => steps.map(({ value }) => value)));
  const domain = [low, Math.min(high, 1)] as const;
  const left = order.length - drawn.length;
  const all = [...groups.values.keys()];
  const listed =
    all.length > LISTED
      ? all
          .sort(byTotal(groups))
          .slice(0, LISTED)
          .sort((a, b) => a - b)
      : all;
  const { hard } = wordingOf(density);
  const losses = plainAndWeighted(density);
  const last = density.bins - 1;
  const hardest = drawn.reduce((most, i) => (lastShare(groups, i) > lastShare(groups, most) ? i : most), drawn[0]);
  return {
    name: 'groups',
    title: `Each ${groups.column} by itself`,
    look: `Share of the samples of each ${groups.column} by unit region, on one log axis for all; the dashed line is all samples together. Look for panels that lie above it at the right: ${hard} gather there, and their weights differ most from those of one density for all.${left > 0 ? ` The ${PANELS} largest are drawn; ${formatCount(left)} more are not.` : ''}`,
    strokes: [
      { ...ALL, name: 'samples of the group' },
      { ...WHOLE, name: ALL.name },
    ],
    label: `Small multiples of ${panels.length} groups by ${groups.column}. The largest share of samples in the hardest region, ${formatShare(lastShare(groups, hardest))}, is that of ${nameOf(groups, hardest)}; of all samples together it is ${formatShare(density.counts[last] / density.total)}.`,
    height: (width) => 90 + PANEL_HEIGHT[width] * Math.ceil(panels.length / columnsOf(panels, width)),
    plot: (width) => smallMultiples(canvas, panels, whole, domain, width),
    values: () => ({
      caption: `Groups by ${groups.column}${listed.length < groups.values.length ? `: the ${formatCount(LISTED)} largest of ${formatCount(groups.values.length)}; density.json has all` : ''}`,
      columns: [
        { name: 'samples', format: formatCount },
        { name: 'ignored', format: formatCount },
        { name: 'regions with samples', format: formatCount },
        { name: 'in the easiest region', format: formatShare },
        { name: 'in the hardest region', format: formatShare },
        { name: 'β of the easiest', format: formatNumber },
        { name: 'β of the hardest', format: formatNumber },
        ...losses.map((name) => ({ name: `mean ${LOSS_TITLES[name]}`, format: formatNumber })),
      ],
      rows: listed.map((i) => ({
        of: nameOf(groups, i),
        cells: [
          groups.total[i],
          groups.ignored[i],
          groups.validBins[i],
          groups.total[i] > 0 ? groups.counts[i][0] / groups.total[i] : null,
          groups.total[i] > 0 ? lastShare(groups, i) : null,
          groups.counts[i][0] > 0 ? groups.beta[i][0] : null,
          groups.counts[i][last] > 0 ? groups.beta[i][last] : null,
          ...losses.map((name) => groups.loss[name]?.[i] ?? null),
        ],
      })),
    }),
  };
}

const columnsOf = ({ length }: readonly Panel[], width: Width): number => Math.min(COLUMNS[width], length);

const WHOLE = { color: 'var(--ce)', dash: '4 3', width: 1 } as const;

const byTotal =
  ({ total }: GroupDensities) =>
  (a: number, b: number): number =>
    total[b] - total[a] || a - b;

const nameOf = ({ column, values }: GroupDensities, i: number): string => `${column} ${values[i]}`;

const lastShare = ({ counts, total }: GroupDensities, i: number): number => (counts[i].at(-1) ?? 0) / total[i];

const stepOf = ({ edges }: Density, j: number, value: number): Step => ({ from: edges[j], to: edges[j + 1], value });

const sharesOf = (density: Density, { counts, total }: GroupDensities, i: number): Step[] =>
  counts[i].map((count, j) => stepOf(density, j, count / total[i]));

/** Panels in rows, with the axes of g below and of shares at the left of the whole. */
function smallMultiples(
  canvas: Canvas,
  panels: readonly Panel[],
  whole: readonly Step[],
  domain: readonly [number, number],
  width: Width,
): PlotOptions {
  const columns = columnsOf(panels, width);
  const places = panels.map((panel, i) => ({ ...panel, fx: i % columns, fy: Math.floor(i / columns) }));
  const pointsOf = (
    steps: readonly Step[],
    { fx, fy }: { readonly fx: number; readonly fy: number },
    instead: number,
  ) => outline(steps, instead).map((point) => ({ ...point, fx, fy }));
  const own = places.flatMap((place) => pointsOf(place.steps, place, domain[0]));
  const all = places.flatMap((place) => pointsOf(whole, place, Number.NaN));
  const at = { x: 'g', fx: 'fx', fy: 'fy' } as const;
  const { Plot } = canvas;
  return {
    marginTop: 44,
    fx: { axis: null, padding: 0.1 },
    fy: { axis: null, padding: 0.2 },
    x: {
      domain: [0, 1],
      ticks: [0, 0.5, 1],
      tickFormat: String,
      label: 'gradient norm g',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: logScale(domain, 'share of the group', tickOfShare),
    marks: [
      Plot.areaY(own, { ...at, y1: domain[0], y2: 'value', fill: ALL.color, fillOpacity: 0.22 }),
      Plot.line(own, { ...at, y: 'value', ...strokeOptions({ ...ALL, width: 1.2 }) }),
      Plot.line(all, { ...at, y: 'value', ...strokeOptions({ ...WHOLE, name: ALL.name }) }),
      Plot.text(places, { fx: 'fx', fy: 'fy', text: 'name', frameAnchor: 'top-right', dx: -2, dy: 2 }),
    ],
  };
}
