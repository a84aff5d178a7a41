import { counted, duration, fileSize, rate } from './number-format.ts';
import { printable } from './printable.ts';

/** What `generate` made. */
export interface Generated {
  readonly files: readonly unknown[];
  readonly samples: number;
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly seed: number;
  readonly form: string;
  readonly dtype: string;
  readonly classes: number;
}

/** What is on the screen after `generate`: what there is now, and the command to go on with. */
export function generateReport(made: Generated, out: string, labelWeights: boolean): string[] {
  const rows = made.form === 'index' ? ` (${counted(made.rows, 'row')} of ${counted(made.classes, 'class')})` : '';
  const speed = made.seconds > 0 ? `, ${rate(made.samples / made.seconds)}` : '';
  const folder = printable(out).replace(/\/+$/, '');
  const inputs = ['logits', 'labels', ...(labelWeights ? ['label_weights'] : [])]
    .map((role) => `--${role.replace('_', '-')} '${folder}/*.${role}.npy'`)
    .join(' ');
  return [
    `${counted(made.samples, 'sample')}${rows}, ${made.dtype} logits, ${made.form} labels, seed ${made.seed}`,
    `wrote ${counted(made.files.length, 'file')}, ${fileSize(made.bytes)}, to ${printable(out)} in ${duration(made.seconds)}${speed}`,
    `next: ghm reweight ${inputs} --out weights`,
  ];
}
