import type { BenchReport } from './report.ts';
import { type BenchRow, circumstances, explanations, sectionsOf, TITLES } from './rows.ts';

/** The report as Markdown: the machine, a table for each place, and how to read them. */
export function benchMarkdown(report: BenchReport): string {
  const keys = Object.keys(TITLES) as (keyof BenchRow)[];
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  const table = (rows: readonly BenchRow[]): string[] => [
    line(keys.map((key) => TITLES[key])),
    line(keys.map((key) => (key === 'name' ? ':--' : '--:'))),
    ...rows.map((row) => line(keys.map((key) => row[key]))),
  ];
  const list = (texts: readonly string[]): string[] => texts.map((text) => `- ${escaped(text)}`);
  const lines = [
    '# ghm bench',
    '',
    ...list(circumstances(report)),
    ...sectionsOf(report).flatMap(({ heading, rows }) => ['', `## ${sentence(heading)}`, '', ...table(rows)]),
    '',
    ...list([...explanations(report), ...report.warnings.map((warning) => `warning: ${warning}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const escaped = (text: string): string => text.replace(/[|\\`*_<>[\]]/g, '\\$&').replace(/[\r\n]+/g, ' ');
