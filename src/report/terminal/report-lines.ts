import type { ReportSummary } from '../../run/report.ts';
import { duration, fileSize } from './number-format.ts';
import { printable } from './printable.ts';

/** What is on the screen after `report`. */
export function reportLines({ out, bytes, figures, seconds }: ReportSummary): string[] {
  const content = figures.length === 0 ? 'no samples, so no figures' : figures.join(', ');
  return [`wrote ${printable(out)}, ${fileSize(bytes)}, in ${duration(seconds)}: ${content}`];
}
