import { coordinateAt, sameScale, scaleName, scaleOf } from '../../density/scale.ts';
import { inputError } from '../../errors.ts';
import type { Canvas } from './canvas.ts';
import { type Figure, middleOf, range, STEPS } from './figures/figure.ts';
import {
  logScale,
  normScale,
  powersAround,
  type Step,
  type Stroke,
  stepLine,
  strokeOptions,
  tickOfNumber,
  tickOfShare,
  tooltips,
} from './marks.ts';
import { formatNumber, formatShare } from './markup.ts';
import type { ReportInput } from './report-input.ts';
import { contributions, gradientHistogram, regionRows } from './series.ts';
import { weightAt } from './weights.ts';
import { wordingOf } from './wording.ts';

/** Bins of g in which two runs are compared, whatever their unit regions are. */
const BINS = 100;
const GRID = Array.from({ length: BINS }, (_, i) => ({ from: i / BINS, to: (i + 1) / BINS }));

type Run = Pick<ReportInput, 'name' | 'density' | 'counts'>;

/** @throws inputError where the two are not of the same task */
function checkComparable(before: Run, after: Run): void {
  const [a, b] = [before, after].map(({ density }) => scaleOf(density));
  if (sameScale(a, b)) return;
  throw inputError(
    `${before.name} is of ${scaleName(a)} and ${after.name} of ${scaleName(b)}; expected two runs of the same task`,
  );
}

/** The figures of two runs, one over the other; none where one of them has no samples. */
export function comparisonFigures(canvas: Canvas, before: Run, after: Run): Figure[] {
  checkComparable(before, after);
  if (before.density.total === 0 || after.density.total === 0) return [];
  const runs = strokesOf(before, after);
  const { norm, plain, hard } = wordingOf(after.density);
  const shared = { canvas, runs, norm };
  const hasCells = before.counts !== null && after.counts !== null;
  return [
    stepsFigure(shared, {
      name: 'distribution',
      title: 'How the gradient norm is distributed',
      look: `Share of the samples in each hundredth of g, on a log axis. Look for what has moved to the left, samples that have become easy, and whether the bump at g = 1 is as high as before: ${hard} that stay there are not learned from.`,
      axis: 'share of samples per 0.01',
      stepsOf: sampleShares,
    }),
    ...(hasCells
      ? [
          stepsFigure(shared, {
            name: 'contribution',
            title: 'Which samples drive the training',
            look: `Share of the total gradient under plain ${plain} that comes from each hundredth of g, on a log axis. Look at the right end: as a model learns, the gradient gathers in fewer, harder samples.`,
            axis: 'share of total gradient per 0.01',
            stepsOf: gradientShares,
          }),
        ]
      : []),
    weightFigure(shared),
  ];
}

type StrokedRun = Run & { readonly stroke: Stroke };

/** Runs of the same name are told apart by their place. */
function strokesOf(before: Run, after: Run): readonly [StrokedRun, StrokedRun] {
  const [a, b] =
    before.name === after.name ? [`${before.name} (first)`, `${after.name} (second)`] : [before.name, after.name];
  return [
    { ...before, stroke: { name: a, color: 'var(--negative)', dash: '6 4' } },
    { ...after, stroke: { name: b, color: 'var(--positive)', width: 2.25 } },
  ];
}

interface Shared {
  readonly canvas: Canvas;
  readonly runs: readonly [StrokedRun, StrokedRun];
  readonly norm: string;
}

function stepsFigure(
  { canvas, runs, norm }: Shared,
  words: Pick<Figure, 'name' | 'title' | 'look'> & {
    readonly axis: string;
    readonly stepsOf: (run: Run) => readonly Step[];
  },
): Figure {
  const { axis, stepsOf, ...figure } = words;
  const series = runs.map((run) => ({ stroke: run.stroke, steps: stepsOf(run) }));
  const [low, high] = powersAround(
    series.flatMap(({ steps }) => steps.map(({ value }) => value)),
    9,
  );
  const domain = [low, Math.min(high, 1)] as const;
  const listed = series.map(({ steps }) => GRID.map((bin) => valueAt(steps, middleOf(bin))));
  const columns = GRID.map((bin, i) => ({
    ...bin,
    text: [`g ${range(bin)}`, ...series.map(({ stroke }, k) => `${stroke.name}: ${formatShare(listed[k][i])}`)].join(
      '\n',
    ),
  }));
  const ends = series.map(
    ({ stroke }, k) => `${stroke.name} ${formatShare(listed[k][0])} and ${formatShare(listed[k][BINS - 1])}`,
  );
  return {
    ...figure,
    strokes: series.map(({ stroke }) => stroke),
    label: `${axis}, logarithmic; the first and the last hundredth of g: ${ends.join('; ')}.`,
    plot: (width) => ({
      x: normScale(width, norm),
      y: logScale(domain, axis, tickOfShare),
      marks: [
        ...series.map(({ stroke, steps }) => stepLine(canvas, steps, stroke)),
        width === 'wide' ? tooltips(canvas, columns, domain) : null,
      ],
    }),
    values: () => ({
      caption: axis,
      columns: series.map(({ stroke }) => ({ name: stroke.name, format: formatShare })),
      rows: GRID.map((bin, i) => ({ of: bin, cells: listed.map((values) => values[i]) })),
    }),
  };
}

/** By cells where there are some, else spread evenly over each unit region. */
function sampleShares({ density, counts }: Run): Step[] {
  const { total } = density;
  if (counts === null) {
    return regionRows(density, STEPS).map(({ from, to, share }) => ({ from, to, value: share / (BINS * (to - from)) }));
  }
  const { negatives, positives } = gradientHistogram(counts, BINS);
  return GRID.map((bin, i) => ({ ...bin, value: (negatives[i] + positives[i]) / total }));
}

function gradientShares({ density, counts }: Run): Step[] {
  const sums = counts === null ? undefined : contributions(counts, density, BINS).get('plain');
  const total = sums?.reduce((sum, value) => sum + value, 0) ?? 0;
  return GRID.map((bin, i) => ({ ...bin, value: sums && total > 0 ? sums[i] / total : 0 }));
}

const valueAt = (steps: readonly Step[], g: number): number =>
  steps.find(({ from, to }) => from <= g && g < to)?.value ?? 0;

function weightFigure({ canvas, runs, norm }: Shared): Figure {
  const lines = runs.map(({ density, stroke }) => {
    const weight = weightAt(density);
    const scale = scaleOf(density);
    return {
      stroke,
      weightOf: (g: number) => weight(Math.fround(coordinateAt(scale, g))),
      steps: density.window ? null : regionRows(density, STEPS).map((row) => ({ ...row, value: row.beta })),
      points: density.window?.g.map((g, i) => ({ g, beta: density.window?.beta[i] ?? 0 })) ?? [],
    };
  });
  const listed = lines.map(({ weightOf }) => GRID.map((bin) => weightOf(middleOf(bin))));
  const domain = powersAround(listed.flat());
  const ends = lines.map(
    ({ stroke }, k) => `${stroke.name} ${formatNumber(listed[k][0])} and ${formatNumber(listed[k][BINS - 1])}`,
  );
  return {
    name: 'weight',
    title: 'The weight of a sample',
    look: 'β against g of both runs, on a log axis; β = 1 leaves a sample as it is. Look for where the two part: weights of the first run would be wrong there for the second.',
    strokes: lines.map(({ stroke }) => stroke),
    label: `Weight beta by gradient norm; the first and the last hundredth of g: ${ends.join('; ')}.`,
    plot: (width) => ({
      x: normScale(width, norm),
      y: logScale(domain, 'weight β', tickOfNumber),
      marks: lines.map(({ stroke, steps, points }) =>
        steps === null
          ? canvas.Plot.line(points, { x: 'g', y: 'beta', ...strokeOptions(stroke) })
          : stepLine(canvas, steps, stroke),
      ),
    }),
    values: () => ({
      caption: 'β at the middle of each hundredth of g; 0 where no sample is',
      columns: lines.map(({ stroke }) => ({ name: stroke.name, format: formatNumber })),
      rows: GRID.map((bin, i) => ({ of: middleOf(bin), cells: listed.map((values) => values[i]) })),
    }),
  };
}
