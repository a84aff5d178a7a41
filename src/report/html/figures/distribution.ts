import type { CellCounts } from '../../../density/cells.ts';
import type { Density } from '../../../density/density.ts';
import type { Canvas } from '../canvas.ts';
import { logScale, normScale, type Step, type Stroke, stepArea, tickOfNumber, tooltips } from '../marks.ts';
import { formatCount, formatNorm } from '../markup.ts';
import { fineBins, gradientHistogram, regionRows } from '../series.ts';
import { hasLabels, wordingOf } from '../wording.ts';
import { ALL, type Figure, NEGATIVES, POSITIVES, range, STEPS } from './figure.ts';

interface Series {
  readonly stroke: Stroke;
  readonly steps: readonly Step[];
}

/** Where the samples are, positives and negatives apart: the paper's figure 2. */
export function distributionFigure(canvas: Canvas, density: Density, counts: CellCounts | null): Figure {
  const bins = fineBins(density.bins);
  const series = counts === null ? regionSeries(density) : fineSeries(density, counts, bins);
  const most = Math.max(...series.flatMap(({ steps }) => steps.map(({ value }) => value)));
  const domain = [0.7, most * 1.5] as const;
  const [{ regions }] = regionRows(density, STEPS);
  const per =
    counts === null ? (regions === 1 ? 'unit region' : `${regions} unit regions`) : `bin of ${formatNorm(1 / bins)}`;
  const showEdges = density.bins <= 100;
  const { norm, easy, hard } = wordingOf(density);
  const columns = series[0].steps.map(({ from, to }, i) => ({
    from,
    to,
    text: [
      `g ${range({ from, to })}`,
      ...series.map(({ stroke, steps }) => `${stroke.name}: ${formatCount(steps[i].value)}`),
    ].join('\n'),
  }));
  return {
    name: 'distribution',
    title: 'How the gradient norm is distributed',
    look:
      `Samples per ${per} of g, on a log axis. Look for the wall of ${easy} at the left, the slope behind it, and whether the curve rises again towards g = 1: that bump is ${hard}.` +
      (showEdges ? ` Thin vertical lines are the edges of the ${density.bins} unit regions.` : ''),
    strokes: series.map(({ stroke }) => stroke),
    label:
      `Samples by gradient norm, logarithmic; the fullest ${per} holds ${formatCount(most)}, the last one ` +
      `${series.map(({ stroke, steps }) => `${formatCount(steps[steps.length - 1].value)} (${stroke.name})`).join(' and ')}.`,
    plot: (width) => ({
      x: normScale(width, norm),
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
    values: () => ({
      caption: `Samples per ${per}`,
      columns: series.map(({ stroke }) => ({ name: stroke.name, format: formatCount })),
      rows: columns.map(({ from, to }, i) => ({
        of: { from, to },
        cells: series.map(({ steps }) => steps[i].value),
      })),
    }),
  };
}

const regionSeries = (density: Density): Series[] => [
  { stroke: ALL, steps: regionRows(density, STEPS).map((row) => ({ ...row, value: row.count })) },
];

function fineSeries(density: Density, counts: CellCounts, bins: number): Series[] {
  const { negatives, positives } = gradientHistogram(counts, bins);
  const steps = (values: Float64Array) =>
    Array.from(values, (value, i) => ({ from: i / bins, to: (i + 1) / bins, value }));
  if (!hasLabels(density)) return [{ stroke: ALL, steps: steps(negatives) }];
  return [
    { stroke: NEGATIVES, steps: steps(negatives) },
    { stroke: POSITIVES, steps: steps(positives) },
  ];
}
