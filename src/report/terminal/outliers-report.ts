import type { Value } from '../../outliers/table.ts';
import type { OutliersResult } from '../../run/outliers.ts';
import { counted, duration, fileSize, percent, significant } from './number-format.ts';
import type { Page } from './page.ts';
import { printable } from './printable.ts';
import { type Column, tableLines } from './table.ts';

/**
 * What is on the screen after `outliers`: the table, and below it, where the eye is then, what it is of. One file for all
 * rows is said there, once.
 */
export function outliersReport(result: OutliersResult, page: Page): string[] {
  const { rows } = result;
  const columns = result.columns.filter((name) => name !== 'file' || fileOfAll(result) === undefined);
  const titles = columns.map((title): Column => {
    const isText = title === 'file' || typeof rows[0]?.[title] === 'string';
    return { title, align: isText ? 'left' : 'right', shrinks: isText };
  });
  const cells = rows.map((row) => columns.map((name) => cell(name, row[name])));
  const table = rows.length === 0 ? [] : [...tableLines(titles, cells, page.width), ''];
  return [...table, ...summaryLines(result)];
}

function fileOfAll({ rows, by }: OutliersResult): string | undefined {
  const files = new Set(rows.map(({ file }) => file));
  const [file] = files;
  return files.size === 1 && by === undefined && file !== undefined ? String(file) : undefined;
}

/** What was found and written. */
export function summaryLines(result: OutliersResult): string[] {
  const { rows, samples, by, per, minG, out, bytes = 0, seconds } = result;
  const atLeast = minG === undefined ? '' : ` with g of at least ${minG}`;
  const file = fileOfAll(result);
  const of = file === undefined ? '' : `, all in ${printable(file)}`;
  const what =
    by === undefined
      ? `${counted(rows.length, 'outlier')}${per === undefined ? '' : ` by ${printable(per)}`}${atLeast}, of ${counted(samples, 'sample')}${of}`
      : `${counted(rows.length, 'group')} by ${printable(by)}, of greatest harmonized loss, the sum of beta x loss over their samples`;
  const none = rows.length === 0 ? ['a smaller --min-g finds more'] : [];
  const written = out === undefined ? '' : `; wrote ${printable(out)}, ${fileSize(bytes)}`;
  return [`${what}, in ${duration(seconds)}${written}`, ...none];
}

/** Whole numbers are identities: they have no commas. */
function cell(name: string, value: Value): string {
  if (typeof value === 'string') return value;
  if (name === 'share') return percent(value, 1);
  if (name === 'g' || name === 'p' || name === 'hardest') return value.toFixed(5);
  return Number.isInteger(value) ? String(value) : significant(value);
}
