import { inputError } from '../errors.ts';
import type { FileOption, InputFile } from './discover.ts';
import { lastNumber, numbersKey, pathKey, stemKey } from './file-key.ts';

export interface FileLists {
  readonly logits: readonly InputFile[];
  readonly labels: readonly InputFile[];
  readonly labelWeights: readonly InputFile[] | null;
}

/** The options that the lists came from. */
export type ListFlags = Readonly<Record<keyof FileLists, FileOption>>;

/** Files that belong together. */
export interface FilePair {
  readonly logits: InputFile;
  readonly labels: InputFile;
  readonly labelWeights: InputFile | null;
}

const LOGITS: ListFlags = { logits: '--logits', labels: '--labels', labelWeights: '--label-weights' };

const MOST_NAMED = 3;

/**
 * Pairs the lists in their order. Warns where the last numbers in the names of a pair differ.
 *
 * @throws inputError where the lists are not equally long, naming the files whose names have no counterpart
 */
export function pairFiles(lists: FileLists, flags: ListFlags = LOGITS): { pairs: FilePair[]; warnings: string[] } {
  const { logits, labels, labelWeights } = lists;
  checkCounts(logits, labels, flags.logits, flags.labels);
  if (labelWeights !== null) checkCounts(logits, labelWeights, flags.logits, flags.labelWeights);
  const pairs = logits.flatMap((file, i): FilePair[] => {
    const partner = labels[i];
    return partner === undefined ? [] : [{ logits: file, labels: partner, labelWeights: labelWeights?.[i] ?? null }];
  });
  return {
    pairs,
    warnings: [
      ...mispaired(logits, labels, flags.logits, flags.labels),
      ...mispaired(logits, labelWeights ?? [], flags.logits, flags.labelWeights),
    ],
  };
}

/**
 * The files of a column, one for each logits file, in natural order.
 *
 * @throws inputError where there are not as many
 */
export function pairColumn(
  logits: readonly InputFile[],
  files: readonly InputFile[],
  listed: FileOption,
  option: FileOption,
): { files: readonly InputFile[]; warnings: string[] } {
  checkCounts(logits, files, listed, option);
  return { files, warnings: mispaired(logits, files, listed, option) };
}

function mispaired(
  logits: readonly InputFile[],
  others: readonly InputFile[],
  listed: FileOption,
  option: FileOption,
): string[] {
  const doubtful = others.flatMap((other, i) => {
    const file = logits[i];
    if (file === undefined) return [];
    const numbers = [lastNumber(file.path), lastNumber(other.path)];
    return numbers.includes(null) || numbers[0] === numbers[1] ? [] : [`${file.name} with ${other.name}`];
  });
  const [first] = doubtful;
  if (first === undefined) return [];
  return [
    `${doubtful.length} of ${logits.length} pairs of ${listed} and ${option} have different numbers in their names, ` +
      `first ${first}. Files are paired in natural sort order: check that they belong together`,
  ];
}

function checkCounts(
  logits: readonly InputFile[],
  others: readonly InputFile[],
  listed: FileOption,
  option: FileOption,
): void {
  if (logits.length === others.length) return;
  throw inputError(
    `${listed} has ${files(logits.length)} and ${option} has ${files(others.length)}; files are paired in natural sort ` +
      `order, so expected as many of each. ${unpaired(logits, others, listed, option)}`,
  );
}

const files = (count: number): string => `${count} ${count === 1 ? 'file' : 'files'}`;

function unpaired(
  logits: readonly InputFile[],
  others: readonly InputFile[],
  listed: FileOption,
  option: FileOption,
): string {
  for (const key of [stemKey, pathKey, numbersKey]) {
    const left = keysOf(logits, key);
    const right = keysOf(others, key);
    if (left === null || right === null || ![...left.keys()].some((name) => right.has(name))) continue;
    const lonely = [...named(listed, without(left, right)), ...named(option, without(right, left))];
    return `Going by the names, without a partner: ${lonely.join('; ')}`;
  }
  const longer = logits.length > others.length ? logits : others;
  const first = longer[Math.min(logits.length, others.length)];
  return `First file past the end of the shorter list: ${first === undefined ? 'none' : first.name}`;
}

/** `null` where two files have one key, or a file none: then the key does not tell them apart. */
function keysOf(list: readonly InputFile[], key: (path: string) => string): Map<string, InputFile> | null {
  const keys = new Map(list.map((file) => [key(file.path), file]));
  return keys.size === list.length && (!keys.has('') || list.length === 1) ? keys : null;
}

const without = (keys: ReadonlyMap<string, InputFile>, others: ReadonlyMap<string, InputFile>): InputFile[] =>
  [...keys].filter(([key]) => !others.has(key)).map(([, file]) => file);

function named(option: FileOption, lonely: readonly InputFile[]): string[] {
  if (lonely.length === 0) return [];
  const names = lonely.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = lonely.length > MOST_NAMED ? ` and ${lonely.length - MOST_NAMED} more` : '';
  return [`${names.join(', ')}${more} (${option})`];
}
