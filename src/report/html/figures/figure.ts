import type { PlotOptions } from '@observablehq/plot';
import type { Width } from '../canvas.ts';
import type { Stroke } from '../marks.ts';
import { formatNorm } from '../markup.ts';
import type { Wording } from '../wording.ts';
import type { FigureName } from './figure-names.ts';

/** Most regions drawn as steps of their own, and most rows of a table on the page. */
export const STEPS = 240;
export const ROWS = 60;

/** A figure before it is drawn, as page, image or data. */
export interface Figure {
  readonly name: FigureName;
  readonly title: string;
  /** What to look for. */
  readonly look: string;
  readonly strokes: readonly Stroke[];
  /** Alternative text. */
  readonly label: string;
  /** In CSS pixels; each width has its own where absent. */
  readonly height?: (width: Width) => number;
  readonly plot: (width: Width) => PlotOptions;
  /** The numbers that are drawn, unit regions joined to at most as many rows. */
  readonly values: (rows: number) => Values;
}

/** A table of numbers. */
export interface Values {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly ValueRow[];
}

export interface Column {
  readonly name: string;
  readonly format: (value: number) => string;
}

/** A row is of a stretch of g, of one g, or of what its text names. */
export interface ValueRow {
  readonly of: Stretch | number | string;
  /** One a column; `null` where there is none. */
  readonly cells: readonly (number | null)[];
  readonly note?: string;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export const NEGATIVES: Stroke = { name: 'negatives (p* = 0)', color: 'var(--negative)' };
export const POSITIVES: Stroke = { name: 'positives (p* = 1)', color: 'var(--positive)' };
export const ALL: Stroke = { name: 'all samples', color: 'var(--negative)' };

/** How the compared losses are drawn. */
export const lossStrokes = ({ plain, focal, weighted }: Wording) =>
  ({
    plain: { name: plain, color: 'var(--ce)', dash: '6 4' },
    focal: { name: focal, color: 'var(--focal)', dash: '2 3', width: 2.25 },
    weighted: { name: weighted, color: 'var(--ghmc)', width: 2.25 },
  }) as const satisfies Record<string, Stroke>;

/** 0.0333 to 0.0667 */
export const range = ({ from, to }: Stretch): string => `${formatNorm(from)} to ${formatNorm(to)}`;

export const middleOf = ({ from, to }: Stretch): number => (from + to) / 2;
