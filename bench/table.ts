import { cpus, loadavg, totalmem } from 'node:os';
import { pinnedTo } from './pin.ts';

/** A markdown table, columns padded so that it reads in a terminal too. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** What the numbers depend on, in a few lines. */
export function machineLines(): string {
  const processors = cpus();
  const pinned = pinnedTo();
  const [load] = loadavg();
  return [
    `${processors[0]?.model.trim() ?? 'unknown CPU'}, ${processors.length} cores, ${(totalmem() / 2 ** 30).toFixed(1)} GiB memory`,
    `Node ${process.version}, V8 ${process.versions.v8}, ${new Date().toISOString()}`,
    pinned === null ? 'this process is not pinned' : `pinned to core ${pinned} with taskset`,
    `load of the last minute ${load?.toFixed(2)}${load !== undefined && load > 0.5 ? ': not a quiet machine, mind the spread' : ''}`,
  ].join('\n');
}
