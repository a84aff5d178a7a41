import type { CellCounts } from '../../../density/cells.ts';
import type { Density } from '../../../density/density.ts';
import { coordinateAt, scaleOf } from '../../../density/scale.ts';
import type { Canvas } from '../canvas.ts';
import { type ComparedLoss, type ComparedName, comparedLosses } from '../losses.ts';
import { logScale, normScale, powersAround, strokeOptions, tickOfNumber } from '../marks.ts';
import { formatNumber } from '../markup.ts';
import { regionRows, scalesToPlain } from '../series.ts';
import { weightAt } from '../weights.ts';
import { type Wording, wordingOf } from '../wording.ts';
import { type Figure, lossStrokes, middleOf, STEPS } from './figure.ts';

/** Left end of the curves: g = 0 has no place on a log axis. */
const LEAST = 1e-4;

interface Point {
  readonly g: number;
  readonly value: number;
}

/**
 * What each loss makes of the gradient norm of one sample: the paper's figure 3. With cells, all are scaled to the same
 * total gradient over the samples, so that a curve above the plain loss gains what another part of it loses.
 */
export function reformulationFigure(canvas: Canvas, density: Density, counts: CellCounts | null): Figure {
  const wording = wordingOf(density);
  const strokes = lossStrokes(wording);
  const scales = counts === null ? new Map<ComparedName, number>() : scalesToPlain(counts, density);
  const losses = comparedLosses(density);
  const valueAt = curvesOf(density, scales);
  const curves = losses.map((loss) => ({
    stroke: strokes[loss.name],
    data: (loss.name === 'weighted' ? pointsOfWeights(density) : SMOOTH).map(
      (g): Point => ({ g, value: valueAt(loss, g) }),
    ),
  }));
  const [, top] = powersAround(curves.flatMap(({ data }) => data.map(({ value }) => value)));
  const domain = [top / 1e5, top] as const;
  const hardest = middleOf({ from: density.edges[density.bins - 1], to: 1 });
  const named = losses.map((loss) => `${strokes[loss.name].name} ${normOrDash(valueAt(loss, hardest))}`);
  return {
    name: 'reformulation',
    title: 'What each loss does to the gradient of one sample',
    look: `Reformulated gradient norm |dL/dx| against g, on a log axis, after figure 3 of the GHM paper. ${scaledWords(wording, counts !== null)} Look for where ${wording.weighted} is above ${wording.plain}, samples that gain, and whether it bends down towards g = 1, where outliers lose.`,
    strokes: curves.map(({ stroke }) => stroke),
    label: `Reformulated gradient norm against g, logarithmic. In the middle of the hardest region: ${named.join(', ')}.`,
    plot: (width) => ({
      x: normScale(width, wording.norm),
      y: { ...logScale(domain, 'reformulated gradient norm', tickOfNumber), clamp: false },
      marks: curves.map(({ stroke, data }) =>
        canvas.Plot.line(data, { x: 'g', y: 'value', ...strokeOptions(stroke), clip: true }),
      ),
    }),
    values: (atMost) => ({
      caption: 'At the middle of each region',
      columns: losses.map(({ name }) => ({ name: strokes[name].name, format: formatNumber })),
      rows: regionRows(density, atMost)
        .map(middleOf)
        .map((g) => ({
          of: g,
          cells: losses.map((loss) => valueAt(loss, g)).map((value) => (Number.isNaN(value) ? null : value)),
        })),
    }),
  };
}

const SMOOTH = Array.from({ length: 241 }, (_, i) => Math.max(i / 240, LEAST));

/** The norm a loss makes of g; NaN where no sample is. */
function curvesOf(
  density: Density,
  scales: ReadonlyMap<ComparedName, number>,
): (loss: ComparedLoss, g: number) => number {
  const scale = scaleOf(density);
  const weight = weightAt(density);
  return ({ name, norm }, g) => {
    const z = coordinateAt(scale, g);
    const factor = scales.get(name) ?? 1;
    if (name !== 'weighted') return factor * norm(z);
    const beta = weight(Math.fround(z));
    return beta > 0 ? factor * beta * norm(z) : Number.NaN;
  };
}

/** Where weights are steps, some points a step, so that each piece of the sawtooth is curved as it should be on a log axis. */
function pointsOfWeights(density: Density): number[] {
  if (density.window) return density.window.g.filter((g) => g >= LEAST);
  const rows = regionRows(density, STEPS);
  const points = Math.ceil(240 / rows.length) + 1;
  // a hair inside: the upper end belongs to the next step
  const ends = (from: number, to: number) => [from + 1e-6 * (to - from), to - 1e-6 * (to - from)] as const;
  return rows.flatMap((row) => {
    const [from, to] = ends(row.from, row.to);
    return Array.from({ length: points }, (_, i) => Math.max(from + ((to - from) * i) / (points - 1), LEAST));
  });
}

function scaledWords({ focal, weighted }: Wording, hasCounts: boolean): string {
  if (hasCounts) {
    return `Each loss is scaled by one constant so that all have the same total gradient over these samples${focal === '' ? '' : '; so a constant α of the focal loss plays no part'}.`;
  }
  return `${focal === '' ? '' : 'The focal loss is drawn without its constant α, '}${weighted} is β·g.`;
}

const normOrDash = (norm: number): string => (Number.isNaN(norm) ? '–' : formatNumber(norm));
