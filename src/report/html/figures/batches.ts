import type { BatchDensities, Density } from '../../../density/density.ts';
import type { Canvas } from '../canvas.ts';
import { plainAndWeighted } from '../losses.ts';
import { logScale, powersAround, strokeOptions, tickOfNumber } from '../marks.ts';
import { formatCount, formatNumber } from '../markup.ts';
import { wordingOf } from '../wording.ts';
import { type Figure, lossStrokes, ROWS } from './figure.ts';

/** Most points of a line: batches are joined to their mean where there are more. */
const POINTS = 400;

/** What becomes of weights and losses as the moving average follows the batches. */
export function batchesFigure(canvas: Canvas, density: Density, batches: BatchDensities): Figure {
  const { by, momentum, biasCorrection, count } = batches;
  const { plain, weighted } = lossStrokes(wordingOf(density));
  const [plainName, weightedName] = plainAndWeighted(density);
  const series = [
    { stroke: { name: 'mean weight β', color: 'var(--negative)' }, values: batches.meanWeight },
    { stroke: { ...plain, name: `mean ${plain.name}` }, values: batches.loss[plainName] ?? [] },
    { stroke: { ...weighted, name: `mean ${weighted.name}` }, values: batches.loss[weightedName] ?? [] },
  ];
  const listed = batches.total.length;
  const lines = series.map(({ stroke, values }) => ({ stroke, points: joined(values, POINTS) }));
  const domain = powersAround(lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const [first, last] = [0, listed - 1].map((i) => formatNumber(batches.meanWeight[i] ?? 0));
  const average = momentum === 0 ? 'each by itself' : `by a moving average with momentum ${momentum}`;
  return {
    name: 'batches',
    title: 'The weights from batch to batch',
    look: `Means over the samples of each batch (${by}), weighed ${average}${biasCorrection ? ', corrected for its start' : ''}, on a log axis. Look for a drift: a mean weight that is still falling or rising after the first batches has not found its level, and early batches would be learned from more than late ones.${listed < count ? ` The first ${formatCount(listed)} of ${formatCount(count)} batches are drawn.` : ''}`,
    strokes: series.map(({ stroke }) => stroke),
    label: `Mean weight and mean losses of ${formatCount(listed)} batches, logarithmic; the mean weight goes from ${first} in the first to ${last} in the last.`,
    plot: (width) => ({
      x: {
        domain: [0, Math.max(1, listed - 1)],
        ticks: width === 'wide' ? 8 : 4,
        label: 'batch',
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: logScale(domain, 'mean over the batch', tickOfNumber),
      marks: lines.map(({ stroke, points }) =>
        canvas.Plot.line(points, { x: 'batch', y: 'value', ...strokeOptions(stroke) }),
      ),
    }),
    values: (atMost) => ({
      caption: `Batches by ${by}${listed > atMost ? `, ${Math.ceil(listed / atMost)} to a row, by their mean` : ''}`,
      columns: [
        { name: 'samples', format: formatCount },
        { name: 'regions with samples', format: formatNumber },
        ...series.map(({ stroke }) => ({ name: stroke.name, format: formatNumber })),
      ],
      rows: rowsOf([batches.total, batches.validBins, ...series.map(({ values }) => values)], atMost),
    }),
  };
}

/** Means of as many neighbours as keep the points at or below `atMost`; NaN, a gap, where none has a number. */
function joined(values: readonly (number | null)[], atMost: number): { batch: number; value: number }[] {
  const step = Math.max(1, Math.ceil(values.length / atMost));
  return Array.from({ length: Math.ceil(values.length / step) }, (_, i) => {
    const own = values.slice(i * step, (i + 1) * step).filter((value) => value !== null);
    const value = own.length > 0 ? own.reduce((sum, one) => sum + one, 0) / own.length : Number.NaN;
    return { batch: i * step + (Math.min(step, values.length - i * step) - 1) / 2, value };
  });
}

function rowsOf(columns: readonly (readonly (number | null)[])[], atMost = ROWS) {
  const points = columns.map((values) => joined(values, atMost));
  return points[0].map(({ batch }, i) => ({
    of: `batch ${Math.round(batch)}`,
    cells: points.map((column) => (Number.isNaN(column[i].value) ? null : column[i].value)),
  }));
}
