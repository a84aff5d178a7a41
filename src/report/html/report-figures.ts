import type { Canvas } from './canvas.ts';
import { batchesFigure } from './figures/batches.ts';
import { contributionFigure } from './figures/contribution.ts';
import { distributionFigure } from './figures/distribution.ts';
import type { Figure } from './figures/figure.ts';
import { groupsFigure } from './figures/groups.ts';
import { reformulationFigure } from './figures/reformulation.ts';
import { weightFigure } from './figures/weight.ts';
import type { ReportInput } from './report-input.ts';

/** The figures that can be made of a run, in the order of the page; none where nothing was counted. Each is made when it is due. */
export function* reportFigures(
  canvas: Canvas,
  { density, counts }: Pick<ReportInput, 'density' | 'counts'>,
): Generator<Figure, void> {
  if (density.total === 0) return;
  yield distributionFigure(canvas, density, counts);
  if (counts !== null) yield contributionFigure(canvas, density, counts);
  yield weightFigure(canvas, density);
  yield reformulationFigure(canvas, density, counts);
  if (density.groups) yield groupsFigure(canvas, density, density.groups);
  if (density.batches) yield batchesFigure(canvas, density, density.batches);
}
