import { join } from 'node:path';
import fc from 'fast-check';
import type { StreamOptions } from '../../src/index.ts';
import { NPY_DTYPES } from '../../src/sources/npy/descr.ts';
import { INTEGER_DTYPES } from '../../src/sources/source.ts';
import { folderOf } from '../sources/npy-files.ts';
import { edgesOf, type NaivePart } from './naive.ts';
import { halfBits, halfValue, npy } from './npy-data.ts';

/** What one random part is like; its samples come from `seed`. */
const partShape = fc.record({
  seed: fc.integer(),
  rows: fc.integer({ min: 1, max: 300 }),
  classes: fc.integer({ min: 1, max: 5 }),
  logits: fc.constantFrom('float16', 'float32', 'float64'),
  labels: fc.constantFrom(...INTEGER_DTYPES),
  targets: fc.constantFrom('binary', 'index'),
  weights: fc.constantFrom('none', 'row', 'column', 'element'),
  weightDtype: fc.constantFrom(...NPY_DTYPES),
  bigEndian: fc.boolean(),
  version: fc.constantFrom(1, 2, 3),
});
type PartShape = typeof partShape extends fc.Arbitrary<infer T> ? T : never;

/** Streams of a few files, all read with the same label options. */
export const randomStream = fc.record({
  parts: fc.array(partShape, { minLength: 1, maxLength: 4 }),
  labelBase: fc.constantFrom<0 | 1>(0, 1),
  bins: fc.constantFrom(1, 2, 7, 10, 30, 100),
  nan: fc.boolean(),
});
export type RandomStream = typeof randomStream extends fc.Arbitrary<infer T> ? T : never;

/** A stream as files, and as the naive computation takes it. */
export interface StreamFiles {
  readonly folder: string;
  readonly options: StreamOptions;
  /** The same, one file a stream. */
  readonly partOptions: readonly StreamOptions[];
  readonly naive: readonly NaivePart[];
}

/** Numbers in [0, 1) that a seed fixes (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SPECIAL = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-42, -1e-42, 3e38, -3e38];

/** A long tail of easy negatives, some hard ones, values beside region edges, and special floats. */
function logit(random: () => number, edges: readonly number[]): number {
  const kind = random();
  if (kind < 0.02) return SPECIAL[Math.floor(random() * SPECIAL.length)];
  if (kind < 0.12 && edges.length > 0) {
    const edge = edges[Math.floor(random() * edges.length)];
    return edge * (1 + (random() - 0.5) * 2e-7);
  }
  return kind < 0.7 ? -12 * random() : 16 * (random() - 0.5);
}

/** Writes the files of a stream into a new folder. */
export function writeStream(stream: RandomStream): StreamFiles {
  const files: Record<string, Uint8Array> = {};
  const written = stream.parts.map((shape, i) => partFiles(stream, shape, `part${i}`, files));
  const folder = folderOf(files);
  const at = (name: string): string => join(folder, name);
  const partOptions = written.map(({ weighted, name }) => ({
    logits: at(`${name}.logits.npy`),
    labels: at(`${name}.labels.npy`),
    ...(weighted && { labelWeights: at(`${name}.weights.npy`) }),
  }));
  const weighted = written.some((part) => part.weighted);
  const shared = { labelBase: stream.labelBase, nonFinite: stream.nan ? 'ignore' : 'error' } as const;
  return {
    folder,
    options: {
      logits: at('*.logits.npy'),
      labels: at('*.labels.npy'),
      ...(weighted && { labelWeights: at('*.weights.npy') }),
      ...shared,
    },
    partOptions: partOptions.map((options) => ({ ...options, ...shared })),
    naive: written.map((part) => part.naive),
  };
}

interface WrittenPart {
  readonly name: string;
  readonly weighted: boolean;
  readonly naive: NaivePart;
}

function partFiles(
  stream: RandomStream,
  shape: PartShape,
  name: string,
  files: Record<string, Uint8Array>,
): WrittenPart {
  const { rows, logits: dtype, bigEndian, version } = shape;
  // one class with one label a row would be the ambiguous case, which has a test of its own
  const classes = shape.targets === 'index' ? shape.classes + 1 : shape.classes;
  const random = uniform(shape.seed);
  const edges = edgesOf(stream.bins);
  const n = rows * classes;
  const given = Array.from({ length: n }, () => (stream.nan && random() < 0.03 ? Number.NaN : logit(random, edges)));
  const seen = given.map((x) => (dtype === 'float16' ? halfValue(halfBits(x)) : Math.fround(x)));
  const labels = labelsOf(stream, shape, classes, random);
  const form = { bigEndian, version } as const;
  files[`${name}.logits.npy`] = npy(dtype, [rows, classes], given, form);
  files[`${name}.labels.npy`] = npy(shape.labels, labels.shape, labels.values, form);

  const codes = labels.codes.map((code, i) => (Number.isNaN(seen[i]) ? 2 : code));
  // all parts have weights, or none: the first one says
  const kind = stream.parts[0]?.weights === 'none' ? 'none' : shape.weights === 'none' ? 'row' : shape.weights;
  if (kind !== 'none') {
    const each = kind === 'element' ? 1 : classes;
    const signed = shape.weightDtype.startsWith('float') || shape.weightDtype.startsWith('int');
    const choices = shape.weightDtype === 'bool' ? [0, 1] : [0, 1, 1, 2, 100, ...(signed ? [-1] : [])];
    const weights = Array.from({ length: n / each }, () => choices[Math.floor(random() * choices.length)]);
    const axes = { row: [rows], column: [rows, 1], element: [rows, classes] }[kind];
    files[`${name}.weights.npy`] = npy(shape.weightDtype, axes, weights, form);
    for (let i = 0; i < n; i++) if (!(weights[Math.floor(i / each)] > 0)) codes[i] = 2;
  }
  return { name, weighted: kind !== 'none', naive: { logits: seen, codes } };
}

function labelsOf(
  { labelBase }: RandomStream,
  { rows, labels: dtype, targets }: PartShape,
  classes: number,
  random: () => number,
): { shape: number[]; values: number[]; codes: number[] } {
  const ignores = !dtype.startsWith('u');
  if (targets === 'binary') {
    const values = Array.from({ length: rows * classes }, () =>
      random() < 0.2 ? 1 : ignores && random() < 0.1 ? -1 : 0,
    );
    return { shape: [rows, classes], values, codes: values.map((label) => (label === -1 ? 2 : label)) };
  }
  const background = labelBase === 0 ? classes : 0;
  const values = Array.from({ length: rows }, () =>
    random() < 0.3 ? labelBase + Math.floor(random() * classes) : ignores && random() < 0.1 ? -1 : background,
  );
  const codes = values.flatMap((label) =>
    Array.from({ length: classes }, (_, c) =>
      label === -1 ? 2 : Number(label === labelBase + c && label !== background),
    ),
  );
  return { shape: random() < 0.5 ? [rows] : [rows, 1], values, codes };
}
