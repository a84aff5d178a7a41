import { GhmError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import type { InspectedFile, InspectReport, RunEstimate } from '../options/results.ts';
import { validateReweight } from '../options/validate.ts';
import { itemOf } from '../shared-list/list.ts';
import { type ArrayRole, DEFAULT_KEYS, FILES_FLAG, KEY_FLAG } from '../sources/array-keys.ts';
import type { Container } from '../sources/container.ts';
import { planSpool } from '../spool/plan.ts';
import { openStream, type Stream } from './stream.ts';

/** A file, and what was found in it. */
export interface InspectedContainer {
  readonly container: Container;
  readonly arrays: readonly InspectedFile[];
}

/** The options that name arrays, with the role that each array of them has; logits or predictions first. */
const CLASSIFICATION = { logits: 'logits', labels: 'labels', labelWeights: 'label_weights' } as const;
const REGRESSION = { bboxPred: 'bbox_pred', bboxTarget: 'bbox_target', bboxWeights: 'bbox_weights' } as const;
type Roles = typeof CLASSIFICATION | typeof REGRESSION;

/** How `reweight` would read the files together, one sentence a line, and what that would take. */
export async function readTogether(
  files: readonly InspectedContainer[],
): Promise<Pick<InspectReport, 'reading' | 'estimate'>> {
  const holding = (roles: Roles) =>
    files.filter(({ arrays }) => arrays.some(({ role }) => Object.values(roles).some((one) => one === role)));
  const boxes = holding(REGRESSION);
  const logits = boxes.length === 0 ? files : holding(CLASSIFICATION);
  const readings = [
    ...(logits.length > 0 ? [await readAs(logits, CLASSIFICATION)] : []),
    ...(boxes.length > 0 ? [await readAs(boxes, REGRESSION)] : []),
  ];
  const estimate = readings.find((reading) => reading.estimate)?.estimate;
  return { reading: readings.flatMap(({ reading }) => reading), ...(estimate && { estimate }) };
}

async function readAs(files: readonly InspectedContainer[], roles: Roles) {
  const options = optionsFor(files, roles);
  if (typeof options === 'string') return { reading: [options] };
  try {
    const stream = await openStream(validateReweight({ ...options, out: 'weights' }), {
      bins: 30,
      weigh: true,
      sets: null,
    });
    return { reading: [...readingOf(stream), ...stream.warnings, commandOf(options)], estimate: estimateOf(stream) };
  } catch (error) {
    if (error instanceof GhmError) return { reading: [`They cannot be read together: ${error.message}`] };
    throw error;
  }
}

/** The options that name the arrays by the roles they seem to have; a sentence where a role is missing. */
function optionsFor(files: readonly InspectedContainer[], roles: Roles): StreamOptions | string {
  const task = roles === REGRESSION ? ({ task: 'regression' } as const) : {};
  const several = files.filter(({ container }) => container.layout !== 'array');
  const [first] = several;
  const named = Object.entries(roles) as [ArrayRole, InspectedFile['role']][];
  if (first !== undefined && several.length === files.length) {
    const keys = named.flatMap(([option, role]) => {
      const key = keyFor(first, option, role);
      return key === undefined ? [] : [[`${option}Key`, key]];
    });
    return { ...task, files: files.map(({ container }) => container.name), ...Object.fromEntries(keys) };
  }
  const lists = named.map(([option, role]) => {
    const holding = files.filter(({ arrays }) => arrays.some((array) => array.role === role));
    return [option, role, holding.map(({ container }) => container.name)] as const;
  });
  const missing = lists.slice(0, 2).find(([, , names]) => names.length === 0);
  if (missing !== undefined) {
    const flags = lists.slice(0, 2).map(([option]) => FILES_FLAG[option]);
    return `No ${missing[1]} among them: reweight needs ${flags.join(' and ')}.`;
  }
  return {
    ...task,
    ...Object.fromEntries(lists.flatMap(([option, , names]) => (names.length > 0 ? [[option, names]] : []))),
  };
}

/** `undefined`: the default key of the role is there, or nothing seems to have the role. */
function keyFor({ container, arrays }: InspectedContainer, option: ArrayRole, role: string): string | undefined {
  if (DEFAULT_KEYS[option].some((key) => container.keys.includes(key))) return undefined;
  return container.layout === 'columns' ? undefined : arrays.find((array) => array.role === role)?.key;
}

function readingOf({ samples, parts }: Stream): string[] {
  const { rows, classes, targets, labelWeights, indexing, ignoreLabel } = itemOf(parts, 0);
  const where = parts.length === 1 ? `${rows.toLocaleString('en')} rows of ${classes}` : `${parts.length} parts`;
  const count = `${samples.toLocaleString('en')} samples in ${where}`;
  const noun = targets === 'boxes' ? 'box weights' : 'label weights';
  const weights = labelWeights
    ? `${noun.charAt(0).toUpperCase()}${noun.slice(1)}: 0 leaves a sample out.`
    : `No ${noun}: every sample is valid.`;
  if (targets === 'boxes')
    return [
      `With --task regression: ${count}.`,
      'The distance of each predicted number to its target is counted.',
      weights,
    ];
  const { firstForeground, background } = indexing;
  const last = firstForeground + classes - 1;
  const how =
    targets === 'index'
      ? `one class index a row: ${firstForeground}..${last} foreground, ${background} background, ${ignoreLabel} ignored`
      : `one target a sample: 0 negative, 1 positive, ${ignoreLabel} ignored`;
  return [`${count}.`, `Labels: ${how}.`, weights];
}

/** The command that reads them so; of many files the first. */
function commandOf(options: StreamOptions): string {
  const list = (flag: string, names: string | readonly string[] | undefined): string[] => {
    const [first, ...more] = [names ?? []].flat();
    return first === undefined ? [] : [`${flag}${quoted(first)}${more.length > 0 ? ' ..' : ''}`];
  };
  const option = (name: string): string | readonly string[] | undefined =>
    Object.entries(options).find(([key]) => key === name)?.[1];
  const roles = Object.keys({ ...CLASSIFICATION, ...REGRESSION }) as ArrayRole[];
  const words = [
    ...(options.task === undefined ? [] : [`--task ${options.task}`]),
    ...list('', options.files),
    ...roles.flatMap((role) => list(`${FILES_FLAG[role]} `, option(role))),
    ...roles.flatMap((role) => list(`${KEY_FLAG[role]} `, option(`${role}Key`))),
  ];
  return `Run: ghm reweight ${words.join(' ')} --out weights`;
}

/** A word of a command line, as a shell reads it. */
export const quoted = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Measured on the machine of the README: what one thread does in both passes and writes, and what unpacks, a second. */
const SAMPLES_A_SECOND = 175e6;
const UNPACKED_A_SECOND = 150e6;
const START_SECONDS = 0.5;
/** Node itself, with the report. */
const BASE_BYTES = 110 * 2 ** 20;
/** A worker thread beside the shared buffers. */
const THREAD_BYTES = 12 * 2 ** 20;

function estimateOf({ memory, samples, parts }: Stream): RunEstimate {
  const { threads, bytes } = memory.layout;
  const { bytes: unpacked, places } = planSpool(parts);
  const seconds = START_SECONDS + samples / (SAMPLES_A_SECOND * threads);
  const unpacking = unpacked / (UNPACKED_A_SECOND * Math.max(1, Math.min(threads, places.length)));
  return {
    threads,
    memoryBytes: BASE_BYTES + threads * THREAD_BYTES + bytes,
    diskBytes: unpacked,
    seconds: seconds + unpacking,
  };
}
