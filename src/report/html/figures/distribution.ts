import type { CellCounts } from '../../../density/cells.ts';
import type { Density } from '../../../density/density.ts';
import { type Canvas, draw } from '../canvas.ts';
import { logScale, normScale, type Step, type Stroke, stepArea, tickOfNumber, tooltips } from '../marks.ts';
import { formatCount, formatNorm, type Markup, table } from '../markup.ts';
import { fineBins, gradientHistogram, regionRows } from '../series.ts';
import { figure, NEGATIVES, POSITIVES, range, STEPS } from './figure.ts';

/** (a) Where the samples are, positives and negatives apart. */
export function distributionFigure(canvas: Canvas, density: Density, counts: CellCounts | null): Markup {
  const bins = fineBins(density.bins);
  const series: { stroke: Stroke; steps: Step[] }[] = [];
  if (counts === null) {
    const steps = regionRows(density, STEPS).map((row) => ({ ...row, value: row.count }));
    series.push({ stroke: { ...NEGATIVES, name: 'all samples' }, steps });
  } else {
    const { negatives, positives } = gradientHistogram(counts, bins);
    const steps = (values: Float64Array) =>
      Array.from(values, (value, i) => ({ from: i / bins, to: (i + 1) / bins, value }));
    series.push({ stroke: NEGATIVES, steps: steps(negatives) }, { stroke: POSITIVES, steps: steps(positives) });
  }
  const most = Math.max(...series.flatMap(({ steps }) => steps.map(({ value }) => value)));
  const domain = [0.7, most * 1.5] as const;
  const [{ regions }] = regionRows(density, STEPS);
  const per =
    counts === null ? (regions === 1 ? 'unit region' : `${regions} unit regions`) : `bin of ${formatNorm(1 / bins)}`;
  const showEdges = density.bins <= 100;
  const columns = series[0].steps.map(({ from, to }, i) => ({
    from,
    to,
    text: [
      `g ${range({ from, to })}`,
      ...series.map(({ stroke, steps }) => `${stroke.name}: ${formatCount(steps[i].value)}`),
    ].join('\n'),
  }));
  const drawing = draw(
    canvas,
    'distribution',
    `Samples by gradient norm, logarithmic; the fullest ${per} holds ${formatCount(most)}, the last one ` +
      `${series.map(({ stroke, steps }) => `${formatCount(steps[steps.length - 1].value)} (${stroke.name})`).join(' and ')}.`,
    (width) => ({
      x: normScale(width),
      y: logScale(domain, `samples per ${per}`, tickOfNumber),
      marks: [
        showEdges
          ? canvas.Plot.ruleX(density.edges, { stroke: 'var(--edge)', strokeOpacity: 0.45, strokeWidth: 0.6 })
          : null,
        ...series.map(({ stroke, steps }) => stepArea(canvas, steps, domain[0], { ...stroke, width: 1.4 }, 0.22)),
        canvas.Plot.ruleY([domain[0]]),
        width === 'wide' ? tooltips(canvas, columns, domain) : null,
      ],
    }),
  );
  return figure(
    'How the gradient norm is distributed',
    `Samples per ${per} of g, on a log axis. Look for the wall of easy samples at the left, the slope behind it, and whether the curve rises again towards g = 1: that bump is samples the model is sure about and wrong.` +
      (showEdges ? ` Thin vertical lines are the edges of the ${density.bins} unit regions.` : ''),
    series.map(({ stroke }) => stroke),
    drawing,
    table(
      `Samples per ${per}`,
      ['g', ...series.map(({ stroke }) => stroke.name)],
      columns.map((column, i) => [range(column), ...series.map(({ steps }) => formatCount(steps[i].value))]),
    ),
  );
}
