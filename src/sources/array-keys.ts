import { inputError } from '../errors.ts';
import type { Task } from '../options/options.ts';
import type { Container } from './container.ts';
import type { FileOption } from './discover.ts';
import { compareNatural } from './natural-order.ts';
import { nearestName } from './nearest-name.ts';

/** What an array is to a run. */
export type ArrayRole = 'logits' | 'labels' | 'labelWeights' | 'bboxPred' | 'bboxTarget' | 'bboxWeights';

/** The roles of the three arrays of a part: what was predicted, what is right, and what counts. */
export interface Roles {
  readonly logits: ArrayRole;
  readonly labels: ArrayRole;
  readonly labelWeights: ArrayRole;
}
export const rolesOf = (task: Task | undefined): Roles =>
  task === 'regression'
    ? { logits: 'bboxPred', labels: 'bboxTarget', labelWeights: 'bboxWeights' }
    : { logits: 'logits', labels: 'labels', labelWeights: 'labelWeights' };

/** The option that names the files of a role. */
export const FILES_FLAG = {
  logits: '--logits',
  labels: '--labels',
  labelWeights: '--label-weights',
  bboxPred: '--bbox-pred',
  bboxTarget: '--bbox-target',
  bboxWeights: '--bbox-weights',
} as const satisfies Readonly<Record<ArrayRole, FileOption>>;

/** The option that names the array of a role in a file of several. */
export const KEY_FLAG: Readonly<Record<ArrayRole, string>> = {
  logits: '--logits-key',
  labels: '--labels-key',
  labelWeights: '--label-weights-key',
  bboxPred: '--bbox-pred-key',
  bboxTarget: '--bbox-target-key',
  bboxWeights: '--bbox-weights-key',
};

/** Keys looked for where none is given, in this order; one with a `*` among the columns of a table only. */
export const DEFAULT_KEYS: Readonly<Record<ArrayRole, readonly string[]>> = {
  logits: ['logits', 'logit', 'logit_*'],
  labels: ['labels', 'label'],
  labelWeights: ['label_weights', 'label_weight'],
  bboxPred: ['bbox_pred', 'bbox_preds'],
  bboxTarget: ['bbox_target', 'bbox_targets'],
  bboxWeights: ['bbox_weights', 'bbox_weight'],
};

const MOST_LISTED = 20;

/**
 * The keys that `given` (`undefined`: the default of the role) stands for in a file: one for a plain key, all that match, in
 * natural order, for one with a `*`, and the pattern itself with the columns of a table, which stand side by side.
 * `null` where nothing was given and there is no default key.
 *
 * @throws inputError where there is no such key, listing those that there are
 */
export function keysFor(container: Container, role: ArrayRole, given: string | undefined): string[] | null {
  const { keys, layout } = container;
  const tries = given === undefined ? DEFAULT_KEYS[role] : [given];
  for (const key of tries) {
    if (keys.includes(key)) return [key];
    if (!key.includes('*') || (given === undefined && layout !== 'columns')) continue;
    const matching = keys.filter((one) => starOf(key, one) !== null);
    if (matching.length > 0) return layout === 'columns' ? [key] : matching.sort(compareNatural);
  }
  if (given === undefined) return null;
  throw missingKey(container, role, given);
}

/** The text that the `*` of a pattern stands for in `key`; `null` where it does not match. */
export function starOf(pattern: string, key: string): string | null {
  const [before = '', ...rest] = pattern.split('*');
  const after = rest.join('*');
  if (key.length < before.length + after.length || !key.startsWith(before) || !key.endsWith(after)) return null;
  return key.slice(before.length, key.length - after.length);
}

/** Of the columns of a table the one of that name, or those that match the pattern, in natural order. */
export function columnsOf<T extends { readonly name: string }>(columns: readonly T[], key: string): readonly T[] {
  const named = columns.filter(({ name }) => name === key);
  if (named.length > 0) return named.slice(0, 1);
  const matching = columns.filter(({ name }) => starOf(key, name) !== null);
  if (matching.length === 0) throw new RangeError(`no column ${key}`);
  return matching.sort((a, b) => compareNatural(a.name, b.name));
}

/** `a.npz holds no array "logits"; it holds cls, bbox. ...` */
export function missingKey({ name, keys, layout }: Container, role: ArrayRole, given?: string): Error {
  const [one, many] = layout === 'columns' ? ['column', 'columns'] : ['array', 'arrays'];
  const [wanted = ''] = given === undefined ? DEFAULT_KEYS[role] : [given];
  if (keys.length === 0) return inputError(`${name}: holds no ${many}; expected ${JSON.stringify(wanted)}`);
  const listed = keys.slice(0, MOST_LISTED).join(', ');
  const more = keys.length > MOST_LISTED ? ` and ${keys.length - MOST_LISTED} more` : '';
  const near = nearestName(wanted, keys);
  const advice = near === null ? `Name it with ${KEY_FLAG[role]} KEY` : `Did you mean ${KEY_FLAG[role]} ${near}?`;
  return inputError(`${name}: holds no ${one} ${JSON.stringify(wanted)}; it holds ${listed}${more}. ${advice}`);
}
