import { usageError } from '../errors.ts';
import type {
  CompleteApplyOptions,
  CompleteHistogramOptions,
  CompleteReweightOptions,
  CompleteStreamOptions,
} from './complete-options.ts';
import { flagOf, found, integer, positive, type RawOptions, requiredPath } from './fields.ts';
import type { CocoOptions } from './options.ts';
import { STREAM, validateApply, validateHistogram, validateReweight } from './validate.ts';

const COCO = ['cocoResults', 'cocoAnnotations', 'iou', 'maxDets'] as const;
const MOST_DETECTIONS = 1_000_000;

export type CompleteCocoOptions = Required<CocoOptions>;
/** Options of a run over COCO results: those of a run over arrays, but for the arrays. */
export type OverCoco<T extends CompleteStreamOptions> = Omit<T, keyof CompleteStreamOptions> & CompleteCocoOptions;
export type CompleteCocoReweightOptions = OverCoco<CompleteReweightOptions>;
export type CompleteCocoHistogramOptions = OverCoco<CompleteHistogramOptions>;
export type CompleteCocoApplyOptions = OverCoco<CompleteApplyOptions>;

/** Whether options ask for a run over COCO results. */
export function asksForCoco<T>(options: T): options is Extract<T, CocoOptions> {
  if (typeof options !== 'object' || options === null) return false;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return COCO.some((key) => given.some(([name]) => name === key));
}

/** Both passes. @throws GhmError (usage) naming the flag, what was expected and what was found */
export const validateCocoReweight = (options: object): CompleteCocoReweightOptions =>
  overCoco(options, validateReweight);

/** Pass 1 alone. @throws GhmError (usage) */
export const validateCocoHistogram = (options: object): CompleteCocoHistogramOptions =>
  overCoco(options, validateHistogram);

/** Pass 2 alone. @throws GhmError (usage) */
export const validateCocoApply = (options: object): CompleteCocoApplyOptions => overCoco(options, validateApply);

/**
 * The options of the same run over the arrays that the results were made into.
 *
 * @param arrays paths of the logits and of the labels
 */
export function overArrays<T extends CompleteStreamOptions>(
  options: OverCoco<T>,
  validate: (options: unknown) => T,
  { logits, labels }: { readonly logits: string; readonly labels: string },
): T {
  const rest = Object.entries(options).filter(([key]) => !COCO.some((one) => one === key));
  return validate({ ...Object.fromEntries(rest), logits, labels, labelFormat: 'binary' });
}

function overCoco<T extends CompleteStreamOptions>(raw: object, validate: (options: unknown) => T): OverCoco<T> {
  const options: RawOptions = Object.fromEntries(Object.entries(raw));
  for (const key of STREAM) {
    if (options[key] === undefined) continue;
    throw usageError(
      `${flagOf(key)}: is for arrays, and --coco-results brings scores and labels itself: drop one of them`,
    );
  }
  if (options.shard !== undefined) {
    throw usageError(
      '--shard: COCO results are matched as a whole, in one process: drop it, or give arrays to share the work',
    );
  }
  const coco: CompleteCocoOptions = {
    cocoResults: requiredPath(options, 'cocoResults', 'the JSON file of the results'),
    cocoAnnotations: requiredPath(options, 'cocoAnnotations', 'the JSON file of the ground truth'),
    iou: overlap(options) ?? 0.5,
    maxDets: integer(options, 'maxDets', 1, MOST_DETECTIONS) ?? 100,
  };
  const placeholder = { logits: coco.cocoResults, labels: coco.cocoAnnotations };
  const complete = overArrays<T>({ ...options, ...coco } as unknown as OverCoco<T>, validate, placeholder);
  const rest = Object.entries(complete).filter(([key]) => !STREAM.includes(key));
  return Object.freeze({ ...Object.fromEntries(rest), ...coco }) as OverCoco<T>;
}

function overlap(options: RawOptions): number | undefined {
  const iou = positive(options, 'iou');
  if (iou === undefined || iou <= 1) return iou;
  throw usageError(`--iou: expected a number above 0 and up to 1, found ${found(iou)}`);
}
