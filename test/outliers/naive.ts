/** A sample as the definition sees it: what `outliers` is compared with. */
export interface NaiveSample {
  readonly file: string;
  readonly row: number;
  readonly class: number;
  readonly z: number;
}

export interface NaiveInput {
  readonly file: string;
  readonly classes: number;
  readonly logits: ArrayLike<number>;
  /** 0 negative, 1 positive, 2 left out. */
  readonly codes: ArrayLike<number>;
}

/** All samples that count, in the order of the stream; NaN does not. */
export function samplesOf(inputs: readonly NaiveInput[]): NaiveSample[] {
  return inputs.flatMap(({ file, classes, logits, codes }) =>
    Array.from(logits, (x, i) => ({
      file,
      row: Math.floor(i / classes),
      class: i % classes,
      z: codes[i] === 1 ? 0 - x : x,
      code: codes[i],
    })).filter(({ code, z }) => code !== 2 && !Number.isNaN(z)),
  );
}

export const normOf = (z: number): number => 1 / (1 + Math.exp(-z));

/** The hardest first; sort is stable, so equal ones stay in the order of the stream. */
export const hardestOf = (samples: readonly NaiveSample[], top: number): NaiveSample[] =>
  [...samples].sort((a, b) => (b.z === a.z ? 0 : b.z - a.z)).slice(0, top);

/** What tells a sample from another. */
export const placeOf = (row: { file?: unknown; row?: unknown; class?: unknown }) => [row.file, row.row, row.class];
