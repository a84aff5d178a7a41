import { printable } from './printable.ts';

/** One column of a table. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** May be cut, in its middle, where the table is too wide for the page. */
  readonly shrinks?: boolean;
}

const GAP = 2;
/** Of a column that shrinks: less says nothing. */
const NARROWEST = 20;

/** Lines of a table, no line longer than `width` where the columns that shrink can pay for it. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, c) => cells.reduce((widest, row) => Math.max(widest, lengthOf(row[c] ?? '')), 0));
  let excess = widths.reduce((sum, w) => sum + w, 0) + GAP * (columns.length - 1) - width;
  while (excess > 0) {
    const c = widestShrinking(columns, widths);
    if (c === undefined) break;
    widths[c] = (widths[c] ?? 0) - 1;
    excess--;
  }
  return cells.map((row) =>
    columns
      .map((column, c) => pad(cut(row[c] ?? '', widths[c] ?? 0), widths[c] ?? 0, column.align))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function widestShrinking(columns: readonly Column[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  for (const [c, column] of columns.entries()) {
    const width = widths[c] ?? 0;
    if (column.shrinks && width > NARROWEST && (widest === undefined || width > (widths[widest] ?? 0))) widest = c;
  }
  return widest;
}

const lengthOf = (text: string): number => [...text].length;

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blank = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return align === 'left' ? text + blank : blank + text;
}

/** Keeps both ends: the start of a path says which tree, its end which file. */
export function cut(text: string, width: number): string {
  const letters = [...text];
  if (letters.length <= width) return text;
  const tail = Math.ceil(((width - 3) * 2) / 3);
  return `${letters.slice(0, width - 3 - tail).join('')}...${letters.slice(letters.length - tail).join('')}`;
}

/** A bar of 0 to `width` characters whose length is the logarithm of a count; any count above 0 shows. */
export function logBar(count: number, most: number, width: number, glyph: string): string {
  if (count <= 0 || width <= 0) return '';
  return glyph.repeat(Math.max(1, Math.round((width * Math.log1p(count)) / Math.log1p(most))));
}
