import type { Density } from '../../density/density.ts';
import type { Figure, ValueRow } from '../html/figures/figure.ts';
import type { ReportInput } from '../html/report-input.ts';

/** `ghm.report/1`: the numbers of the figures, one row a region, a bin or a point, unrounded. */
export interface ReportData {
  readonly schema: 'ghm.report/1';
  readonly runs: readonly RunData[];
  readonly figures: readonly FigureData[];
}

type RunData = Pick<Density, 'task' | 'method' | 'bins' | 'total' | 'ignored' | 'loss'> & { readonly name: string };

export interface FigureData {
  readonly name: string;
  readonly title: string;
  readonly look: string;
  readonly columns: readonly string[];
  /** As many values as columns; `null` where there is none. */
  readonly rows: readonly (readonly (number | string | null)[])[];
}

export function reportData(runs: readonly ReportInput[], figures: readonly Figure[]): ReportData {
  return {
    schema: 'ghm.report/1',
    runs: runs.map(({ name, density: { task, method, bins, total, ignored, loss } }) => ({
      name,
      task,
      method,
      bins,
      total,
      ignored,
      loss,
    })),
    figures: figures.map(figureData),
  };
}

function figureData({ name, title, look, values }: Figure): FigureData {
  const { columns, rows } = values(Number.POSITIVE_INFINITY);
  return {
    name,
    title,
    look,
    columns: [...(rows.length > 0 ? namesOf(rows[0]) : []), ...columns.map((column) => column.name)],
    rows: rows.map(({ of, cells }) => [...(typeof of === 'object' ? [of.from, of.to] : [of]), ...cells]),
  };
}

function namesOf({ of }: ValueRow): string[] {
  if (typeof of === 'object') return ['from', 'to'];
  return typeof of === 'number' ? ['g'] : ['name'];
}
