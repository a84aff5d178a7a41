import { clock, compact, fileSize, rate } from './number-format.ts';

/** How far a pass is. */
export interface Step {
  /** `count`, `weigh`, `generate`, `verify`. */
  readonly label: string;
  readonly done: number;
  /** What is counted: samples where nothing is said. */
  readonly unit?: 'bytes' | 'tasks';
  /** Of the whole pass. */
  readonly total: number;
  /** Seconds since the pass began. */
  readonly elapsed: number;
}

const BARS = [30, 20, 10];

/**
 * `count  [######----]  43 %  215 M/500 M samples  1.20 G samples/s  0:03 left`, and less of it on a narrow screen:
 * first the bar shrinks, then parts go, the pass and its percentage last.
 */
export function progressLine(step: Step, width: number): string {
  const share = step.total > 0 ? Math.min(1, step.done / step.total) : 1;
  const percentage = `${String(Math.floor(100 * share)).padStart(3)} %`;
  const amount =
    step.unit === 'bytes'
      ? `${fileSize(step.done)}/${fileSize(step.total)}`
      : `${compact(step.done)}/${compact(step.total)} ${step.unit ?? 'samples'}`;
  const speed = step.elapsed > 0 ? step.done / step.elapsed : 0;
  const pace =
    speed > 0 && step.unit !== 'tasks' ? [paceOf(step, speed), `${clock((step.total - step.done) / speed)} left`] : [];
  const choices = [
    ...BARS.map((length) => [step.label, bar(share, length), percentage, amount, ...pace]),
    [step.label, percentage, amount, ...pace],
    [step.label, bar(share, 10), percentage, ...pace.slice(1)],
    [step.label, percentage, ...pace.slice(1)],
    [step.label, percentage],
  ].map((parts) => parts.join('  '));
  return choices.find((line) => line.length <= width) ?? percentage.trim().slice(0, width);
}

/** The line of a pass that is over. */
export function finishedLine(step: Step): string {
  const speed = step.elapsed > 0 ? `, ${paceOf(step, step.done / step.elapsed)}` : '';
  if (step.unit === 'tasks')
    return `${step.label}  ${compact(step.done)} of ${compact(step.total)} tasks in ${clock(step.elapsed)}`;
  const amount = step.unit === 'bytes' ? fileSize(step.done) : `${compact(step.done)} samples`;
  return `${step.label}  ${amount} in ${clock(step.elapsed)}${speed}`;
}

const paceOf = ({ unit }: Step, speed: number): string => (unit === 'bytes' ? `${fileSize(speed)}/s` : rate(speed));

function bar(share: number, length: number): string {
  const full = Math.floor(share * length);
  return `[${'#'.repeat(full)}${'-'.repeat(length - full)}]`;
}
