import type { CellCounts } from '../../../density/cells.ts';
import type { Density } from '../../../density/density.ts';
import { type Canvas, draw } from '../canvas.ts';
import { focalGradientNorm, marginOf } from '../losses.ts';
import { logScale, normScale, powersAround, strokeOptions, tickOfNumber } from '../marks.ts';
import { formatNorm, formatNumber, type Markup, table } from '../markup.ts';
import { type RegionRow, regionRows, scalesToCrossEntropy } from '../series.ts';
import { CE, FOCAL, figure, GHMC, ROWS, STEPS } from './figure.ts';

/**
 * (b) What each loss makes of the gradient norm of one sample. With cells, all three are scaled to the same total
 * gradient over the samples, so that a curve above cross-entropy gains what another part of it loses.
 */
export function reformulationFigure(canvas: Canvas, density: Density, counts: CellCounts | null): Markup {
  const scales = counts === null ? { focal: 1, ghmc: 1 } : scalesToCrossEntropy(counts, density);
  const focal = (g: number) => scales.focal * focalGradientNorm(marginOf(g));
  const ghmc = (g: number, { beta }: RegionRow) => (beta > 0 ? scales.ghmc * beta * g : Number.NaN);
  const rows = regionRows(density, STEPS);
  // some points a region, so that each piece of the sawtooth is curved as it should be on a log axis
  const points = Math.ceil(240 / rows.length) + 1;
  const harmonized = rows.flatMap((row) =>
    Array.from({ length: points }, (_, i) => {
      const g = Math.max(row.from + ((row.to - row.from) * i) / (points - 1), LEAST);
      return { g, value: ghmc(g, row) };
    }),
  );
  const smooth = Array.from({ length: 241 }, (_, i) => Math.max(i / 240, LEAST));
  const curves = [
    { stroke: CE, data: smooth.map((g) => ({ g, value: g })) },
    { stroke: FOCAL, data: smooth.map((g) => ({ g, value: focal(g) })) },
    { stroke: GHMC, data: harmonized },
  ];
  const [, top] = powersAround(curves.flatMap(({ data }) => data.map(({ value }) => value)));
  const domain = [top / 1e5, top] as const;
  const scaled =
    counts === null
      ? 'The focal loss is drawn without its constant α, GHM-C is β·g.'
      : 'Each loss is scaled by one constant so that all three have the same total gradient over these samples; so the constant α of the focal loss plays no part.';
  return figure(
    'What each loss does to the gradient of one sample',
    `Reformulated gradient norm |dL/dx| against g, on a log axis, after figure 3 of the GHM paper. ${scaled} Look for where GHM-C is above cross-entropy, samples that gain, and whether it bends down towards g = 1, where outliers lose.`,
    curves.map(({ stroke }) => stroke),
    draw(
      canvas,
      'reformulation',
      `Reformulated gradient norm against g, logarithmic. In the middle of the hardest region: cross-entropy ${formatNumber(middleOf(rows[rows.length - 1]))}, focal loss ${formatNumber(focal(middleOf(rows[rows.length - 1])))}, GHM-C ${normOrDash(ghmc(middleOf(rows[rows.length - 1]), rows[rows.length - 1]))}.`,
      (width) => ({
        x: normScale(width),
        y: { ...logScale(domain, 'reformulated gradient norm', tickOfNumber), clamp: false },
        marks: curves.map(({ stroke, data }) =>
          canvas.Plot.line(data, { x: 'g', y: 'value', ...strokeOptions(stroke), clip: true }),
        ),
      }),
    ),
    table(
      'At the middle of each region',
      ['g', CE.name, FOCAL.name, GHMC.name],
      regionRows(density, ROWS).map((row) => {
        const g = middleOf(row);
        return [formatNorm(g), formatNumber(g), formatNumber(focal(g)), normOrDash(ghmc(g, row))];
      }),
    ),
  );
}

/** Left end of the curves: g = 0 has no place on a log axis. */
const LEAST = 1e-4;

const middleOf = ({ from, to }: RegionRow): number => (from + to) / 2;
const normOrDash = (norm: number): string => (Number.isNaN(norm) ? '–' : formatNumber(norm));
