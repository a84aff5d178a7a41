import { closeSync, openSync, readSync } from 'node:fs';
import { GhmError } from '../errors.ts';
import type { InspectedFile, InspectReport } from '../options/results.ts';
import { validateInspect } from '../options/validate.ts';
import { discover } from '../sources/discover.ts';
import { elementReader } from '../sources/elements.ts';
import { openFile } from '../sources/open-file.ts';
import { resolveParts } from '../sources/parts.ts';
import { type ArraySource, DTYPE_BYTES, FLOAT_DTYPES, type Part } from '../sources/source.ts';

/** Elements looked at for the range: enough to tell labels from logits, little enough to be instant. */
const ELEMENTS_LOOKED_AT = 1_000_000;

/**
 * What is in these files and how `reweight` would read them together. Reads headers, and the first million elements of
 * each array for its range.
 *
 * @throws GhmError (bad data) for a file that is missing or damaged
 */
export async function inspect(files: string | readonly string[]): Promise<InspectReport> {
  const inspected: InspectedFile[] = [];
  for (const file of discover(validateInspect(files), 'files')) {
    const container = await openFile(file);
    const keys = container.layout === 'array' ? [''] : container.keys;
    for (const key of keys) inspected.push(inspectArray(await container.open(key)));
  }
  return { files: inspected, reading: await readingOf(inspected) };
}

function inspectArray(source: ArraySource): InspectedFile {
  const { role, why } = roleOf(source);
  const elements = Math.min(source.rows * source.columns, ELEMENTS_LOOKED_AT);
  const range = rangeOf(source, elements);
  return {
    path: source.name,
    format: source.format,
    dtype: source.dtype,
    shape: source.shape,
    byteOrder: DTYPE_BYTES[source.dtype] === 1 ? 'none' : source.bigEndian ? 'big' : 'little',
    role,
    why,
    bytes: source.identity.size,
    ...(range && { range: { ...range, elements } }),
  };
}

const NAMES: readonly [RegExp, InspectedFile['role']][] = [
  [/(?:bbox|box|reg)[^a-z]*weights?/i, 'bbox_weights'],
  [/(?:bbox|box|reg)[^a-z]*(?:targets?|gt)/i, 'bbox_target'],
  [/(?:bbox|box|reg)[^a-z]*(?:preds?|deltas?)/i, 'bbox_pred'],
  [/weight/i, 'label_weights'],
  [/label|target|class|gt/i, 'labels'],
  [/logit|score|pred|cls/i, 'logits'],
];

function roleOf({ path, dtype, shape }: ArraySource): Pick<InspectedFile, 'role' | 'why'> {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const isFloat = FLOAT_DTYPES.some((float) => float === dtype);
  if (/beta/i.test(file)) return { role: 'unknown', why: 'its name says beta, an output of ghm' };
  const key = /image|level|anchor|(?:^|[._-])ids?(?:[._-]|$)/i.exec(file);
  if (key && !isFloat) return { role: 'unknown', why: `its name holds "${key[0]}": where samples come from` };
  for (const [pattern, role] of NAMES) {
    const word = pattern.exec(file);
    if (!word || (role === 'logits' && !isFloat)) continue;
    return { role, why: `its name holds "${word[0]}"${role === 'logits' ? ' and it is float' : ''}` };
  }
  if (shape.length < 1 || shape.length > 2) return { role: 'unknown', why: 'it has neither one axis nor two' };
  return isFloat
    ? { role: 'logits', why: 'it is float and its name says nothing' }
    : { role: 'labels', why: `it is ${dtype} and its name says nothing` };
}

function rangeOf(source: ArraySource, elements: number): { min: number; max: number } | null {
  if (elements === 0 || source.kind !== 'raw') return null;
  const bytes = Buffer.alloc(elements * DTYPE_BYTES[source.dtype]);
  const fd = openSync(source.path, 'r');
  try {
    readSync(fd, bytes, 0, bytes.length, source.dataOffset);
  } finally {
    closeSync(fd);
  }
  const elementAt = elementReader(source, bytes);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < elements; i++) {
    const value = elementAt(i);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return Number.isFinite(min) && Number.isFinite(max) ? { min, max } : null;
}

async function readingOf(files: readonly InspectedFile[]): Promise<string[]> {
  const boxes = files.filter(({ role }) => role.startsWith('bbox_'));
  const others = files.filter((file) => !boxes.includes(file));
  return [
    ...(boxes.length === 0 || others.length > 0 ? await readingOfLogits(others) : []),
    ...(boxes.length > 0 ? await readingOfBoxes(boxes) : []),
  ];
}

/** What they are read as, or why they cannot be. */
async function attempt(read: () => Promise<string[]>): Promise<string[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GhmError) return [`They cannot be read together: ${error.message}`];
    throw error;
  }
}

function readingOfBoxes(files: readonly InspectedFile[]): Promise<string[]> {
  const of = (role: InspectedFile['role']) => files.filter((file) => file.role === role).map((file) => file.path);
  const [bboxPred, bboxTarget, bboxWeights] = [of('bbox_pred'), of('bbox_target'), of('bbox_weights')];
  return attempt(async () => {
    const weights = bboxWeights.length > 0 ? { bboxWeights } : {};
    const { parts, samples, warnings } = await resolveParts({ task: 'regression', bboxPred, bboxTarget, ...weights });
    return [
      `With --task regression: ${samplesIn(samples, parts)}.`,
      'The distance of each predicted number to its target is counted.',
      bboxWeights.length > 0 ? 'Box weights: 0 leaves a sample out.' : 'No box weights: every sample is valid.',
      ...warnings,
    ];
  });
}

const samplesIn = (samples: number, parts: readonly Part[]): string => {
  const [{ rows, classes }] = parts;
  const where = parts.length === 1 ? `${rows.toLocaleString('en')} rows of ${classes}` : `${parts.length} files`;
  return `${samples.toLocaleString('en')} samples in ${where}`;
};

async function readingOfLogits(files: readonly InspectedFile[]): Promise<string[]> {
  const of = (role: InspectedFile['role']) => files.filter((file) => file.role === role).map((file) => file.path);
  const [logits, labels, labelWeights] = [of('logits'), of('labels'), of('label_weights')];
  if (logits.length === 0 || labels.length === 0) {
    const missing = logits.length === 0 ? 'logits' : 'labels';
    return [`No ${missing} among them: reweight needs --logits and --labels.`];
  }
  return attempt(async () => {
    const weights = labelWeights.length > 0 ? { labelWeights } : {};
    const { parts, samples, warnings } = await resolveParts({ logits, labels, ...weights });
    const [{ targets, classes, indexing, ignoreLabel }] = parts;
    const { firstForeground, background } = indexing;
    const how =
      targets === 'binary'
        ? `one target a sample: 0 negative, 1 positive, ${ignoreLabel} ignored`
        : `one class index a row: ${firstForeground}..${firstForeground + classes - 1} foreground, ` +
          `${background} background, ${ignoreLabel} ignored`;
    return [
      `${samplesIn(samples, parts)}${parts.length === 1 ? '' : ' of logits'}.`,
      `Labels: ${how}.`,
      labelWeights.length > 0 ? 'Label weights: 0 leaves a sample out.' : 'No label weights: every sample is valid.',
      ...warnings,
    ];
  });
}
