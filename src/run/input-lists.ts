import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { breathing } from '../breath.ts';
import type { CompleteRunOptions, CompleteStreamOptions } from '../options/complete-options.ts';
import { type ArrayRole, FILES_FLAG } from '../sources/array-keys.ts';
import { columnOption, discover, type FileOption } from '../sources/discover.ts';
import { isFileList } from '../sources/file-list.ts';

/** What one option gives: paths, folders, globs and lists. */
export interface InputList {
  readonly option: FileOption;
  readonly patterns: readonly string[];
}

/** Everything that options say of input files. */
export function inputLists(options: CompleteStreamOptions): InputList[] {
  return [
    ...roles().flatMap((role) => listOf(FILES_FLAG[role], options[role])),
    ...listOf('FILES', options.files),
    ...Object.entries(options.columns ?? {}).flatMap(([name, files]) => listOf(columnOption(name), files)),
  ];
}

/** More than these are written into a list: each job would carry all of them. */
const MOST_PATTERNS = 20;

/**
 * The same inputs, named so that they mean the same in any working directory.
 *
 * @param folder where lists of files may be written
 */
export async function absoluteInputs<T extends CompleteStreamOptions & Pick<CompleteRunOptions, 'signal'>>(
  options: T,
  folder: string,
): Promise<T> {
  const cwd = process.cwd();
  const breathe = breathing(options.signal);
  let lists = 0;
  const absolute = async (
    option: FileOption,
    patterns: readonly string[] | undefined,
  ): Promise<readonly string[] | undefined> => {
    if (patterns === undefined) return undefined;
    const isShort = patterns.length <= MOST_PATTERNS && !patterns.some((pattern) => isFileList(pattern, cwd));
    if (isShort) return patterns.map((pattern) => resolve(cwd, pattern));
    const paths = (await discover(patterns, option, cwd, 'natural', breathe)).map(({ path }) => path);
    if (paths.some((path) => /[\r\n]/.test(path))) return paths;
    const list = join(folder, `files-${++lists}.txt`);
    writeFileSync(list, paths.map((path) => `${path}\n`).join(''));
    return [`@${list}`];
  };
  const columns: [string, readonly string[] | undefined][] = [];
  for (const [name, files] of Object.entries(options.columns ?? {}))
    columns.push([name, await absolute(columnOption(name), files)]);
  const arrays: [ArrayRole, readonly string[] | undefined][] = [];
  for (const role of roles()) arrays.push([role, await absolute(FILES_FLAG[role], options[role])]);
  return {
    ...options,
    ...Object.fromEntries(arrays),
    files: await absolute('FILES', options.files),
    ...(options.columns && { columns: Object.fromEntries(columns) }),
  };
}

const roles = (): ArrayRole[] => Object.keys(FILES_FLAG) as ArrayRole[];

const listOf = (option: FileOption, patterns: readonly string[] | undefined): InputList[] =>
  patterns === undefined ? [] : [{ option, patterns }];
