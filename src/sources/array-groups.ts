import type { Breathe } from '../breath.ts';
import { inputError, usageError } from '../errors.ts';
import type { StreamOptions } from '../options/options.ts';
import type { List } from '../shared-list/list.ts';
import { SharedListMaker } from '../shared-list/shared-list.ts';
import { type ArrayRole, FILES_FLAG, KEY_FLAG, keysFor, missingKey, rolesOf, starOf } from './array-keys.ts';
import { columnOfContainer, columnOfFiles, type WantedColumn } from './columns.ts';
import type { Container } from './container.ts';
import { discover, type InputFile } from './discover.ts';
import { openFiles } from './open-files.ts';
import type { OutputOrigin } from './output-name.ts';
import { pairFiles } from './pair.ts';
import type { ArraySource } from './source.ts';

/** Arrays that belong together, not yet checked for whether they fit. */
export interface ArrayGroup {
  readonly logits: ArraySource;
  readonly labels: ArraySource;
  readonly labelWeights: ArraySource | null;
  /** The column that batches or groups go by, by its name; empty where none is asked for. */
  readonly columns: Readonly<Record<string, ArraySource>>;
  /** What the output is named after. */
  readonly place: OutputOrigin;
}

/** All groups of a stream, in its order. */
export interface ArrayGroups {
  readonly groups: List<ArrayGroup>;
  readonly warnings: string[];
}

/** The keys as the user gave them. */
const keyOption = (options: StreamOptions, role: ArrayRole): string | undefined => options[`${role}Key`];

/** Arrays in files of their own, paired in natural order. Any format; of several arrays in a file, the one of the key. */
export async function groupsOfFiles(
  options: StreamOptions,
  wanted: WantedColumn | null,
  cwd: string,
  breathe: Breathe,
): Promise<ArrayGroups> {
  const roles = rolesOf(options.task);
  const found = (role: ArrayRole): Promise<InputFile[]> =>
    discover(options[role] ?? [], FILES_FLAG[role], cwd, 'natural', breathe);
  const lists = {
    logits: await found(roles.logits),
    labels: await found(roles.labels),
    labelWeights: options[roles.labelWeights] === undefined ? null : await found(roles.labelWeights),
  };
  const { pairs, warnings } = pairFiles(lists, {
    logits: FILES_FLAG[roles.logits],
    labels: FILES_FLAG[roles.labels],
    labelWeights: FILES_FLAG[roles.labelWeights],
  });
  const logitsFiles = pairs.map(({ logits }) => logits);
  const column =
    wanted && (await columnOfFiles(options.columns ?? {}, wanted, logitsFiles, FILES_FLAG[roles.logits], cwd, breathe));
  const groups = new SharedListMaker<ArrayGroup>();
  const containers = openFiles(
    pairs.flatMap(({ logits, labels, labelWeights }) => [logits, labels, ...(labelWeights ? [labelWeights] : [])]),
    breathe.signal,
  );
  const next = async (role: ArrayRole): Promise<ArraySource> => {
    const { value, done } = await containers.next();
    if (done) throw new TypeError('fewer files than were given');
    return onlyArray(value, role, options);
  };
  for (const [i, pair] of pairs.entries()) {
    groups.push({
      logits: await next(roles.logits),
      labels: await next(roles.labels),
      labelWeights: pair.labelWeights && (await next(roles.labelWeights)),
      columns: wanted && column ? { [wanted.name]: column.arrays[i] } : {},
      place: { path: pair.logits.path, key: null },
    });
    await breathe();
  }
  return { groups: groups.list(), warnings: [...warnings, ...(column?.warnings ?? [])] };
}

async function onlyArray(container: Container, role: ArrayRole, options: StreamOptions): Promise<ArraySource> {
  const { layout, keys, name } = container;
  if (layout === 'array') return container.open('');
  const given = keyOption(options, role);
  const found = keysFor(container, role, given) ?? (keys.length === 1 ? keys : null);
  const [key, second] = found ?? [];
  if (key === undefined) throw missingKey(container, role);
  if (second === undefined) return container.open(key);
  throw usageError(
    `${KEY_FLAG[role]} ${given}: stands for ${found?.length} arrays of ${name}, first ${key}, ${second}; expected one. ` +
      'Give files of many arrays without a flag: ghm reweight FILES',
  );
}

/** Arrays that lie together in files of several. */
export async function groupsOfContainers(
  files: string | readonly string[],
  options: StreamOptions,
  wanted: WantedColumn | null,
  cwd: string,
  breathe: Breathe,
): Promise<ArrayGroups> {
  const groups = new SharedListMaker<ArrayGroup>();
  const warnings: string[] = [];
  const roles = rolesOf(options.task);
  for await (const container of openFiles(await discover(files, 'FILES', cwd, 'natural', breathe), breathe.signal)) {
    if (container.layout === 'array') {
      throw inputError(
        `${container.name}: holds one array; expected a file of several, such as .npz. ` +
          `Name files of one array with ${FILES_FLAG[roles.logits]} FILES ${FILES_FLAG[roles.labels]} FILES`,
      );
    }
    warnings.push(...(await addGroupsOf(container, groups, options, wanted, breathe)));
  }
  return { groups: groups.list(), warnings };
}

/** @returns warnings */
async function addGroupsOf(
  container: Container,
  groups: SharedListMaker<ArrayGroup>,
  options: StreamOptions,
  wanted: WantedColumn | null,
  breathe: Breathe,
): Promise<string[]> {
  const { path, keys } = container;
  const roles = rolesOf(options.task);
  const given = keyOption(options, roles.logits);
  const logitsKeys = keysFor(container, roles.logits, given);
  if (logitsKeys === null) throw missingKey(container, roles.logits);
  const used = new Set<string>();
  const many = container.layout === 'arrays' && given?.includes('*') && !keys.includes(given);
  for (const logitsKey of logitsKeys) {
    const partner = (role: ArrayRole): string | null =>
      many ? sameStar(container, role, options, logitsKey) : onlyKey(container, role, options);
    const labelsKey = partner(roles.labels);
    if (labelsKey === null) throw missingKey(container, roles.labels);
    const weightsKey = partner(roles.labelWeights);
    for (const key of [logitsKey, labelsKey, weightsKey]) if (key !== null) used.add(key);
    groups.push({
      logits: await container.open(logitsKey),
      labels: await container.open(labelsKey),
      labelWeights: weightsKey === null ? null : await container.open(weightsKey),
      columns: wanted ? { [wanted.name]: await columnOfContainer(container, wanted) } : {},
      place: { path, key: many ? logitsKey : null },
    });
    await breathe();
  }
  return unusedWeights(container, roles.labelWeights, used);
}

/** The key of one array beside the logits; `null` where it is a default and not there. */
function onlyKey(container: Container, role: ArrayRole, options: StreamOptions): string | null {
  const given = keyOption(options, role);
  const [key, second] = keysFor(container, role, given) ?? [];
  if (key === undefined || second === undefined) return key ?? null;
  throw usageError(
    `${KEY_FLAG[role]} ${given}: stands for several arrays of ${container.name}, first ${key}, ${second}, and ` +
      `${KEY_FLAG[rolesOf(options.task).logits]} for one; give both a *`,
  );
}

/** The key in which the `*` stands for the same as in the key of the logits. */
function sameStar(container: Container, role: ArrayRole, options: StreamOptions, logitsKey: string): string | null {
  const roles = rolesOf(options.task);
  const given = keyOption(options, role);
  const logitsGiven = keyOption(options, roles.logits) ?? '';
  if (given === undefined && role === roles.labelWeights) return null;
  if (given === undefined || !given.includes('*')) {
    throw usageError(
      `${KEY_FLAG[roles.logits]} ${logitsGiven}: stands for several arrays; expected ${KEY_FLAG[role]} with a * too, found ` +
        `${given ?? 'none'}`,
    );
  }
  const star = starOf(logitsGiven, logitsKey) ?? '';
  const key = given.replace('*', () => star);
  if (!container.keys.includes(key)) throw missingKey(container, role, key);
  return key;
}

/** Weights that are there and not asked for would silently count what should be left out. */
function unusedWeights({ name, keys }: Container, role: ArrayRole, used: ReadonlySet<string>): string[] {
  const [pattern, what] =
    role === 'bboxWeights'
      ? ([/bbox_?weight/i, 'box weights'] as const)
      : ([/label_?weight/i, 'label weights'] as const);
  const [first] = keys.filter((key) => pattern.test(key) && !used.has(key));
  if (first === undefined) return [];
  return [`${name} holds ${first}, which is not used; name ${what} with ${KEY_FLAG[role]}`];
}
