import { plainJson, printable } from '../report/terminal/printable.ts';
import type { OutlierTable, Value } from './table.ts';

/** First characters by which a spreadsheet takes a text for a formula; the wide ones too, where it is set to Japanese. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/**
 * Lines of comma-separated values with a header. Texts have no control characters; one that a spreadsheet would run as a
 * formula is given an apostrophe, which spreadsheets do not show.
 */
export function csvLines({ columns, rows }: OutlierTable): string[] {
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((values) =>
    values.map(csvField).join(','),
  );
}

function csvField(value: Value): string {
  if (typeof value === 'number') return String(value);
  const text = printable(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Lines of JSON objects. Numbers that are not finite are null; control characters are escaped. */
export const jsonLines = ({ rows }: OutlierTable): string[] => rows.map((row) => plainJson(row));

/** Rows that are made into text at once. */
const TEXT_ROWS = 4096;

/**
 * All lines of a table, each ended, some rows at a time. A format has as many lines before the rows as it has of a table without
 * any.
 */
export function* textOf(
  { columns, rows }: OutlierTable,
  linesOf: (table: OutlierTable) => readonly string[],
): Generator<string> {
  const head = linesOf({ columns, rows: [] });
  yield head.map((line) => `${line}\n`).join('');
  for (let first = 0; first < rows.length; first += TEXT_ROWS) {
    const lines = linesOf({ columns, rows: rows.slice(first, first + TEXT_ROWS) });
    yield `${lines.slice(head.length).join('\n')}\n`;
  }
}
