import type { Markish } from '@observablehq/plot';
import type { Density, WindowDensity } from '../../../density/density.ts';
import type { Canvas } from '../canvas.ts';
import { logScale, normScale, powersAround, stepLine, strokeOptions, tickOfNumber, tooltips } from '../marks.ts';
import { formatCount, formatNumber } from '../markup.ts';
import { type RegionRow, regionRows } from '../series.ts';
import { setsNote } from '../weights.ts';
import { wordingOf } from '../wording.ts';
import { type Figure, lossStrokes, middleOf, range, STEPS } from './figure.ts';

/** beta against g: steps of unit regions, or the curve of windows. */
export function weightFigure(canvas: Canvas, density: Density): Figure {
  return density.window ? windowFigure(canvas, density, density.window) : stepsFigure(canvas, density);
}

function stepsFigure(canvas: Canvas, density: Density): Figure {
  const drawn = regionRows(density, STEPS);
  const occupied = drawn.filter(({ count }) => count > 0);
  const domain = powersAround(occupied.map(({ beta }) => beta));
  const [empty, clipped] = [drawn.filter(({ count }) => count === 0), drawn.filter((row) => row.clipped)];
  const wording = wordingOf(density);
  const { weighted } = lossStrokes(wording);
  const columns = drawn.map((row) => ({
    ...row,
    text: `g ${range(row)}\nβ ${formatNumber(row.beta)} ${noteOf(row)}\n${formatCount(row.count)} samples`,
  }));
  const words = [
    empty.length > 0 ? 'Crosses on the axis mark empty regions, where β is 0 and no sample asks for it.' : '',
    clipped.length > 0 ? `Dots mark regions where β was clipped to ${formatNumber(density.maxWeight ?? 0)}.` : '',
  ].join(' ');
  return {
    ...TITLE,
    look: `β against g, one step a unit region, on a log axis; β = 1 leaves a sample as it is. Look for single steps that jump: a region with few samples gets a weight that rests on little.${setsNote(density)} ${words}`,
    strokes: [{ ...weighted, name: 'β' }],
    label: `Weight beta by gradient norm, from ${formatNumber(drawn[0].beta)} in the easiest region to ${formatNumber(drawn[drawn.length - 1].beta)} in the hardest; ${empty.length} empty, ${clipped.length} clipped.`,
    plot: (width) => ({
      x: normScale(width, wording.norm),
      y: logScale(domain, 'weight β', tickOfNumber),
      marks: [
        lineOfOne(canvas, domain),
        stepLine(
          canvas,
          drawn.map((row) => ({ ...row, value: row.beta })),
          weighted,
        ),
        canvas.Plot.dot(empty, { x: middleOf, y: domain[0], symbol: 'times', r: 4, stroke: 'var(--soft)' }),
        canvas.Plot.dot(clipped, { x: middleOf, y: 'beta', ...CLIPPED }),
        width === 'wide' ? tooltips(canvas, columns, domain) : null,
      ],
    }),
    values: (atMost) => ({
      caption: 'Weight by region',
      columns: [
        { name: 'β', format: formatNumber },
        { name: 'samples', format: formatCount },
      ],
      rows: regionRows(density, atMost).map((row) => ({
        of: row,
        cells: [row.count > 0 ? row.beta : null, row.count],
        note: noteOf(row),
      })),
    }),
  };
}

function windowFigure(canvas: Canvas, density: Density, window: WindowDensity): Figure {
  const { maxWeight = Number.POSITIVE_INFINITY } = density;
  const points = window.g.map((g, i) => ({ g, beta: window.beta[i], samples: window.gradientDensity[i] }));
  const clipped = points.filter(({ beta }) => beta >= maxWeight);
  const domain = powersAround(points.map(({ beta }) => beta));
  const wording = wordingOf(density);
  const { weighted } = lossStrokes(wording);
  const columns = points.map(({ g, beta, samples }) => ({
    from: Math.max(0, g - WIDTH / 2),
    to: Math.min(1, g + WIDTH / 2),
    text: `g ${g}\nβ ${formatNumber(beta)}\nGD ${formatNumber(samples)}`,
  }));
  const clip = clipped.length > 0 ? ` Dots mark where β was clipped to ${formatNumber(maxWeight)}.` : '';
  return {
    ...TITLE,
    look: `β against g by windows of width ${formatNumber(window.epsilon)}, on a log axis; β = 1 leaves a sample as it is. Look for peaks: where few samples are within reach of the window, a weight rests on little.${clip}`,
    strokes: [{ ...weighted, name: 'β' }],
    label: `Weight beta by gradient norm, a curve from ${formatNumber(points[0].beta)} at g = ${points[0].g} to ${formatNumber(points[points.length - 1].beta)} at g = ${points[points.length - 1].g}; ${clipped.length} of ${points.length} points clipped.`,
    plot: (width) => ({
      x: normScale(width, wording.norm),
      y: logScale(domain, 'weight β', tickOfNumber),
      marks: [
        lineOfOne(canvas, domain),
        canvas.Plot.line(points, { x: 'g', y: 'beta', ...strokeOptions(weighted) }),
        canvas.Plot.dot(clipped, { x: 'g', y: 'beta', ...CLIPPED, r: 2 }),
        width === 'wide' ? tooltips(canvas, columns, domain) : null,
      ],
    }),
    values: () => ({
      caption: 'Weight and gradient density at points of g near which samples are',
      columns: [
        { name: 'β', format: formatNumber },
        { name: 'GD', format: formatNumber },
      ],
      rows: points.map(({ g, beta, samples }) => ({
        of: g,
        cells: [beta, samples],
        note: beta >= maxWeight ? 'clipped' : '',
      })),
    }),
  };
}

const TITLE = { name: 'weight', title: 'The weight of a sample' } as const;
const CLIPPED = { r: 3.5, fill: 'var(--positive)' };
/** Of the stretch of g around a listed point. */
const WIDTH = 1 / 200;

const noteOf = ({ count, clipped }: RegionRow): string => (count === 0 ? 'empty' : clipped ? 'clipped' : '');

const lineOfOne = ({ Plot }: Canvas, [low, high]: readonly [number, number]): Markish =>
  Plot.ruleY(
    [1].filter((one) => one >= low && one <= high),
    { stroke: 'var(--edge)', strokeDasharray: '4 4' },
  );
