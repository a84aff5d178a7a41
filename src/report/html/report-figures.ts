import type { Canvas } from './canvas.ts';
import { batchesFigure } from './figures/batches.ts';
import { contributionFigure } from './figures/contribution.ts';
import { distributionFigure } from './figures/distribution.ts';
import type { Figure } from './figures/figure.ts';
import { groupsFigure } from './figures/groups.ts';
import { reformulationFigure } from './figures/reformulation.ts';
import { weightFigure } from './figures/weight.ts';
import type { ReportInput } from './report-input.ts';

/** The figures that can be made of a run, in the order of the page; none where nothing was counted. */
export function reportFigures(canvas: Canvas, { density, counts }: Pick<ReportInput, 'density' | 'counts'>): Figure[] {
  if (density.total === 0) return [];
  return [
    distributionFigure(canvas, density, counts),
    ...(counts === null ? [] : [contributionFigure(canvas, density, counts)]),
    weightFigure(canvas, density),
    reformulationFigure(canvas, density, counts),
    ...(density.groups ? [groupsFigure(canvas, density, density.groups)] : []),
    ...(density.batches ? [batchesFigure(canvas, density, density.batches)] : []),
  ];
}
