import { usageError } from '../errors.ts';
import { availableThreads, MOST_THREADS } from '../options/available-threads.ts';
import { abortSignal, callback, choice, integer, rawOptions, requiredPath, yes } from '../options/fields.ts';
import { MOST_CLASSES } from './block.ts';

/** `binary`: logits [N], labels uint8 [N]. `index`: logits [N, C], labels int64 [N], 0..C-1 foreground, C background. */
export type GenerateForm = 'binary' | 'index';
export type GenerateDtype = 'float32' | 'float16';

/** What stream to make, and where. */
export interface GenerateOptions {
  /** Samples in all; with C classes the rows are ceil(samples / C). */
  readonly samples: number;
  /** Folder of the parts; made if missing. */
  readonly out: string;
  /** 0 to 2^53 - 1; the same seed is the same stream. Default 0. */
  readonly seed?: number;
  /** Default `binary`. */
  readonly form?: GenerateForm;
  /** C of form `index`, 1 to 65,536. Default 80. */
  readonly classes?: number;
  /** Of the logits. Default `float32`. */
  readonly dtype?: GenerateDtype;
  /** Default 2^26; rounded down to whole rows. The stream, read part after part, does not depend on it. */
  readonly samplesPerPart?: number;
  /** Also write label weights, float32 [N] of 1 and, for about 2 % of the rows, 0. */
  readonly labelWeights?: boolean;
  /** Worker threads. Default: the cores this process may use. */
  readonly threads?: number;
  /** Replace the parts that are in `out`, all of them, those of a longer stream too. */
  readonly force?: boolean;
  /** Ends the work; nothing is written. */
  readonly signal?: AbortSignal;
  /** Called on the main thread from time to time, in samples. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Validated, every default filled in. Validates to itself. */
export interface CompleteGenerate {
  readonly samples: number;
  readonly out: string;
  readonly seed: number;
  readonly form: GenerateForm;
  /** 1 for form `binary`. */
  readonly classes: number;
  readonly dtype: GenerateDtype;
  readonly samplesPerPart: number;
  readonly labelWeights: boolean;
  readonly threads: number;
  readonly force: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

const KEYS: readonly (keyof GenerateOptions)[] = [
  'samples',
  'out',
  'seed',
  'form',
  'classes',
  'dtype',
  'samplesPerPart',
  'labelWeights',
  'threads',
  'force',
  'signal',
  'onProgress',
];
/** So that no arithmetic on bytes leaves the integers a double holds exactly. */
const MOST_SAMPLES = 2 ** 48;

/** @throws GhmError (usage) naming the flag, what was expected and what was found */
export function completeGenerate(options: unknown): CompleteGenerate {
  const raw = rawOptions(options, 'generate', KEYS);
  const samples = integer(raw, 'samples', 1, MOST_SAMPLES);
  if (samples === undefined)
    throw usageError('--samples: expected how many samples, such as 10M or 1e9, found nothing');
  const form = choice(raw, 'form', ['binary', 'index']) ?? 'binary';
  const classes = integer(raw, 'classes', 1, MOST_CLASSES);
  if (form === 'binary' && classes !== undefined && classes !== 1) {
    throw usageError('--classes is for --form index, and --form binary has none: drop one of them');
  }
  return Object.freeze({
    samples,
    out: requiredPath(raw, 'out', 'the folder to write into'),
    seed: integer(raw, 'seed', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    form,
    classes: form === 'binary' ? 1 : (classes ?? 80),
    dtype: choice(raw, 'dtype', ['float32', 'float16']) ?? 'float32',
    samplesPerPart: integer(raw, 'samplesPerPart', 1, Number.MAX_SAFE_INTEGER) ?? 2 ** 26,
    labelWeights: yes(raw, 'labelWeights'),
    threads: integer(raw, 'threads', 1, MOST_THREADS) ?? availableThreads(),
    force: yes(raw, 'force'),
    signal: abortSignal(raw),
    onProgress: callback<[number, number]>(raw, 'onProgress'),
  });
}
