import type { InspectReport, RunEstimate, RunPlan } from '../../options/results.ts';
import { counted, fileSize, memorySize, significant, thousands } from './number-format.ts';
import type { Page } from './page.ts';
import { printable } from './printable.ts';
import { tableLines } from './table.ts';

const MOST_PARTS = 10;

/** What is on the screen after `--dry-run`: how the files pair, which nothing but the user can check, then the sums. */
export function planReport(plan: RunPlan): string[] {
  const parts = plan.parts
    .slice(0, MOST_PARTS)
    .flatMap((part) => [
      printable(part.logits),
      `  ${counted(part.rows, 'row')}${part.classes === 1 ? '' : ` of ${counted(part.classes, part.targets === 'boxes' ? 'number' : 'class')}`}, ${TARGETS[part.targets]}`,
      `  ${part.targets === 'boxes' ? 'targets' : 'labels'} ${printable(part.labels)}`,
      ...(part.labelWeights === null
        ? []
        : [`  ${part.targets === 'boxes' ? 'box' : 'label'} weights ${printable(part.labelWeights)}`]),
      ...(part.output === null ? [] : [`  writes ${printable(part.output)}`]),
    ]);
  const hidden = plan.parts.length - MOST_PARTS;
  const writes = plan.command !== 'histogram' ? `writes ${fileSize(plan.bytesWritten)} to` : 'writes one partial,';
  return [
    ...parts,
    ...(hidden > 0 ? [`and ${thousands(hidden)} more`] : []),
    '',
    `${counted(plan.samples, 'sample')} in ${counted(plan.parts.length, 'part')}, cut into ${counted(plan.shards, 'shard')}`,
    `reads ${fileSize(plan.bytesRead)}, ${writes} ${printable(plan.out)}`,
    `${counted(plan.threads, 'thread')}, ${memorySize(plan.memoryBytes)} of shared buffers`,
    `dry run: ${plan.readWhole ? 'the inputs were read whole and checked' : 'nothing was read but headers'}, nothing was written`,
  ];
}

const TARGETS = {
  binary: 'one target a sample',
  index: 'one class index a row',
  soft: 'one target in [0, 1] a sample',
  softmax: 'one class index a row, and one sample',
  boxes: 'the distance of each number to its target',
} as const;

/** What is on the screen after `inspect`: the files, why each kind is taken for what it is, how they would be read. */
export function inspectReport(report: InspectReport, page: Page): string[] {
  const rows = report.files.map((file) => [
    file.path,
    `${file.format} ${file.dtype}${file.byteOrder.startsWith('big') ? ' (big-endian)' : ''}${file.packed ? ', packed' : ''}`,
    `[${file.shape.map(thousands).join(' x ')}]`,
    fileSize(file.bytes),
    file.range === undefined ? '-' : `${significant(file.range.min)} to ${significant(file.range.max)}`,
    file.role,
  ]);
  const reasons = new Set(report.files.map((file) => `${file.role}: ${printable(file.why)}`));
  const looked = report.files.reduce((most, { range, shape }) => {
    const isPart = range !== undefined && range.elements < shape.reduce((product, n) => product * n, 1);
    return isPart ? Math.max(most, range.elements) : most;
  }, 0);
  const note = looked === 0 ? [] : [`values: of the first ${thousands(looked)} of an array`];
  return [
    ...tableLines(INSPECT_COLUMNS, rows, page.width),
    '',
    ...note,
    ...reasons,
    '',
    ...report.reading.map(printable),
    ...estimateLines(report.estimate),
  ];
}

function estimateLines(estimate: RunEstimate | undefined): string[] {
  if (estimate === undefined) return [];
  const { threads, memoryBytes, diskBytes, seconds } = estimate;
  const unpacked = diskBytes === 0 ? '' : `, ${fileSize(diskBytes)} of temporary disk space`;
  const time = seconds < 10 ? seconds.toFixed(1) : significant(Math.round(seconds));
  return [
    `Roughly ${time} s with ${counted(threads, 'thread')} once the files are in memory, ${memorySize(memoryBytes)} of memory${unpacked}.`,
  ];
}

const INSPECT_COLUMNS = [
  { title: 'file', align: 'left', shrinks: true },
  { title: 'type', align: 'left' },
  { title: 'shape', align: 'left' },
  { title: 'size', align: 'right' },
  { title: 'values', align: 'left' },
  { title: 'role', align: 'left' },
] as const;
