import type { BenchReport } from '../../bench/report.ts';
import { type BenchRow, circumstances, explanations, sectionsOf, TITLES } from '../../bench/rows.ts';
import { duration } from './number-format.ts';
import type { Page } from './page.ts';
import { printable } from './printable.ts';
import { tableLines } from './table.ts';

/** Columns in order of importance: the widest set that fits is shown. */
const COLUMN_SETS: readonly (readonly (keyof BenchRow)[])[] = [
  ['name', 'threads', 'samplesPerSecond', 'gigabytesPerSecond', 'ofLimit', 'speedUp', 'efficiency', 'spread'],
  ['name', 'threads', 'samplesPerSecond', 'gigabytesPerSecond', 'ofLimit', 'speedUp', 'efficiency'],
  ['name', 'threads', 'samplesPerSecond', 'ofLimit', 'speedUp'],
  ['name', 'threads', 'samplesPerSecond'],
];

/** What is on the screen after `bench`: the machine, a table for each place, and how to read them. */
export function benchReport(report: BenchReport, page: Page): string[] {
  const sections = sectionsOf(report);
  const rows = sections.flatMap((section) => section.rows.map((row, i) => withoutRepeat(row, section.rows[i - 1])));
  const [titles, ...lines] = fittingTable(rows, page.width);
  const wrapped = (texts: readonly string[]): string[] => texts.flatMap((text) => wrap(printable(text), page.width));
  let next = 0;
  return [
    ...wrapped(circumstances(report)),
    ...sections.flatMap(({ heading, rows: own }) => {
      const first = next;
      next += own.length;
      return ['', ...wrap(heading, page.width), titles, ...lines.slice(first, next)];
    }),
    '',
    ...wrapped(explanations(report)),
    `took ${duration(report.seconds)}`,
  ];
}

/** The name of a work stands at its first number of threads. */
const withoutRepeat = (row: BenchRow, before: BenchRow | undefined): BenchRow =>
  row.name === before?.name ? { ...row, name: '' } : row;

function fittingTable(rows: readonly BenchRow[], width: number): string[] {
  let lines: string[] = [];
  for (const keys of COLUMN_SETS) {
    const columns = keys.map((key) => ({ title: TITLES[key], align: key === 'name' ? 'left' : 'right' }) as const);
    const cells = rows.map((row) => keys.map((key) => row[key]));
    lines = tableLines(columns, cells, width);
    if (lines.every((line) => line.length <= width)) break;
  }
  return lines;
}

/** Lines of words no longer than `width`, the later ones indented. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
