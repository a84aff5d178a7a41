import type { Breathe } from '../breath.ts';
import { betaAt } from '../density/beta-at.ts';
import type { Density } from '../density/density.ts';
import { gradientNorm, type Scale } from '../density/scale.ts';
import { usageError } from '../errors.ts';
import { itemOf, type List } from '../shared-list/list.ts';
import { pickRows } from '../sources/pick-rows.ts';
import type { Part, ReadableArray } from '../sources/source.ts';
import { BREATH_SAMPLES, type FoundSample } from './merge.ts';
import type { OutlierTable, Value } from './table.ts';

/** Columns of the samples of a task, in order, without beta and what is kept. */
const COLUMNS = {
  classification: ['file', 'row', 'class', 'label', 'logit', 'p', 'g'],
  softmax: ['file', 'row', 'label', 'predicted', 'logit', 'p', 'g'],
  regression: ['file', 'row', 'column', 'prediction', 'target', 'distance', 'g'],
} as const satisfies Readonly<Record<Scale['task'], readonly string[]>>;

/** Names of all columns. @throws usageError where a kept one is called as another */
export function sampleColumns({ task }: Scale, hasBeta: boolean, kept: readonly string[]): string[] {
  const own = [...COLUMNS[task], ...(hasBeta ? ['beta'] : [])];
  const taken = kept.find((name) => own.includes(name));
  if (taken !== undefined) throw usageError(`--keep ${taken}: is what a column of outliers is called already`);
  return [...own, ...kept];
}

export interface ShownOptions {
  /** What beta is of, where it is shown. */
  readonly density: Density | null;
  /** Columns shown behind the task's own. */
  readonly kept: readonly string[];
  readonly breathe: Breathe;
}

/** What is shown of each sample found: its logits, labels and kept columns, which the parts have, are read again. */
export async function sampleRows(
  samples: readonly FoundSample[],
  parts: List<Part<ReadableArray>>,
  scale: Scale,
  { density, kept, breathe }: ShownOptions,
): Promise<OutlierTable> {
  const weightOf = density && betaAt(density);
  const rows = new Array<Record<string, Value>>(samples.length);
  for (const [number, own] of byPart(samples)) {
    const part = itemOf(parts, number);
    const rowOf = ({ sample }: FoundSample) => Math.floor(sample / part.classes);
    const picked = own.map(({ found }) => rowOf(found));
    const logits = await pickRows(part.logits, picked, breathe);
    const labels = await pickRows(part.labels, picked, breathe);
    const columns = [];
    for (const name of kept) columns.push({ name, values: await pickRows(part.columns[name], picked, breathe) });
    for (const [i, { found, place }] of own.entries()) {
      if (i % BREATH_SAMPLES === 0) await breathe();
      const row = rowOf(found);
      const [x = [], y = []] = [logits.get(row), labels.get(row)];
      const beta = weightOf?.(found.z);
      rows[place] = {
        file: part.logits.name,
        row,
        ...valuesOf(part, scale, found, x, y),
        g: gradientNorm(scale, found.z),
        ...(beta !== undefined && { beta }),
        ...Object.fromEntries(columns.map(({ name, values }) => [name, values.get(row)?.[0] ?? Number.NaN])),
      };
    }
  }
  return { columns: sampleColumns(scale, density !== null, kept), rows };
}

/** Samples of each part, with their place in the list. */
function byPart(
  samples: readonly FoundSample[],
): Map<number, { readonly found: FoundSample; readonly place: number }[]> {
  const parts = new Map<number, { found: FoundSample; place: number }[]>();
  for (const [place, found] of samples.entries()) {
    const own = parts.get(found.part) ?? [];
    parts.set(found.part, own);
    own.push({ found, place });
  }
  return parts;
}

/** What the task shows of a sample. `x` and `y` are its row of logits and of labels. */
function valuesOf(
  part: Part,
  scale: Scale,
  { sample, z }: FoundSample,
  x: readonly number[],
  y: readonly number[],
): Record<string, number> {
  const column = sample % part.classes;
  switch (part.targets) {
    case 'boxes':
      return { column, prediction: x[column], target: y[column], distance: z };
    case 'softmax':
      return { label: y[0], predicted: largestOf(x), logit: x[y[0]], p: gradientNorm(scale, -z) };
    default: {
      const isIndex = part.targets === 'index';
      const logit = x[column];
      return {
        class: isIndex ? column + part.indexing.firstForeground : column,
        label: isIndex ? y[0] : y[column],
        logit,
        p: 1 / (1 + Math.exp(-logit)),
      };
    }
  }
}

/** Index of the first of the largest values. */
const largestOf = (x: readonly number[]): number => x.reduce((best, value, i) => (value > x[best] ? i : best), 0);
