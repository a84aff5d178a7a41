import { createHash } from 'node:crypto';
import type { SetPlan } from '../plan/row-sets.ts';
import type { PlannedFile } from '../sources/identity.ts';

/** What a run is: runs of one identity write the same bytes. Plain data, as the journal holds it. */
export interface RunIdentity {
  readonly command: string;
  readonly version: string;
  /** Those that results depend on. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly shards: number;
  /** One mark a file, of its path, size, time and inode. */
  readonly files: readonly string[];
}

/** Options that results do not depend on, and those that the files say. */
const LEFT_OUT = new Set([
  ...['threads', 'memory', 'out', 'force', 'resume', 'signal'],
  ...['logits', 'labels', 'labelWeights', 'files', 'columns', 'bboxPred', 'bboxTarget', 'bboxWeights'],
]);

export function identityOf(
  run: Pick<RunIdentity, 'command' | 'version' | 'shards'>,
  options: object,
  files: Iterable<PlannedFile>,
): RunIdentity {
  const kept = Object.entries(options).filter(
    ([key, value]) => !LEFT_OUT.has(key) && typeof value !== 'function' && value !== undefined,
  );
  return { ...run, options: Object.fromEntries(kept), files: Array.from(files, markOf) };
}

const markOf = ({ path, identity: { size, mtimeMs, inode } }: PlannedFile): string =>
  sha256(`${size} ${mtimeMs} ${inode} ${path}`).toString('hex', 0, 8);

/**
 * One name for the sets of a plan, hexadecimal. They are read from a column before both passes: what was counted by one plan is
 * not weighed by another, also where a file that changed has its old time and size.
 */
export function markOfSets({ rowSets, values, batchRows }: Pick<SetPlan, 'rowSets' | 'values' | 'batchRows'>): string {
  const hash = createHash('sha256').update(rowSets.kind);
  for (const numbers of [values, batchRows]) hash.update(`${numbers.length} `).update(Float64Array.from(numbers));
  if (rowSets.kind === 'runs') hash.update(rowSets.firstRows).update(rowSets.sets);
  return hash.digest('hex').slice(0, 16);
}

/** One name for all of it, hexadecimal. */
export const digestOf = (identity: RunIdentity): string => sha256(JSON.stringify(identity)).toString('hex');

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** In what a run differs from one that was begun, in words; `undefined` where they are the same. */
export function difference(
  begun: RunIdentity,
  now: RunIdentity,
  files: Iterable<Pick<PlannedFile, 'name'>>,
): string | undefined {
  if (begun.command !== now.command) return `it is of ghm ${begun.command}`;
  if (begun.version !== now.version) return `it was begun by ghm ${begun.version}, this is ${now.version}`;
  for (const key of new Set([...Object.keys(begun.options), ...Object.keys(now.options)])) {
    const [then, today] = [begun.options[key], now.options[key]].map((value) => JSON.stringify(value));
    if (then !== today) return `it has ${flagOf(key)} ${then ?? 'not given'}, here it is ${today ?? 'not given'}`;
  }
  if (begun.files.length !== now.files.length) {
    return `it reads ${begun.files.length} files, here there are ${now.files.length}`;
  }
  const changed = now.files.findIndex((mark, i) => mark !== begun.files[i]);
  if (changed >= 0) return `${[...files][changed].name} is not the file that it reads, or has changed since`;
  if (begun.shards !== now.shards) return `it has ${begun.shards} shards, here there are ${now.shards}`;
  return undefined;
}

const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
