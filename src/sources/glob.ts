import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { cannotRead } from './identity.ts';

/** A pattern in two: the folder that is there by that very name, and the rest, which is matched below it. */
export interface SplitGlob {
  /** Absolute. */
  readonly folder: string;
  /** The folder as written; empty for the working directory. */
  readonly written: string;
  readonly rest: string;
}

/** Whether `pattern` has to be expanded: it has glob characters and is not itself the name of something there. */
export const isGlob = (pattern: string, cwd: string): boolean =>
  isDynamicPattern(slashes(pattern)) && !existsSync(resolve(cwd, pattern));

/** Splits off the leading folders that exist literally, so that brackets and the like in their names do no harm. */
export function splitGlob(pattern: string, cwd: string): SplitGlob {
  const segments = slashes(pattern).split('/');
  let taken = 0;
  while (taken < segments.length - 1) {
    const next = resolve(cwd, `${segments.slice(0, taken + 1).join('/')}/`);
    if (!isFolder(next)) break;
    taken++;
  }
  const written = segments.slice(0, taken).join('/') + (taken > 0 ? '/' : '');
  return { folder: resolve(cwd, written), written, rest: segments.slice(taken).join('/') };
}

/**
 * The files that match, as the user would have written them. Unsorted.
 *
 * @throws inputError where a folder on the way cannot be read: files may be missing then
 */
export function expandGlob(pattern: string, cwd: string): string[] {
  const { folder, written, rest } = splitGlob(pattern, cwd);
  const denied: unknown[] = [];
  const list = (...args: Parameters<typeof readdirSync>) => {
    try {
      return readdirSync(...args);
    } catch (error) {
      // the crawler passes over what it cannot read
      denied.push(error);
      throw error;
    }
  };
  const names = globSync(rest, {
    cwd: folder,
    expandDirectories: false,
    fs: { readdirSync: list as typeof readdirSync },
  });
  const [error] = denied;
  if (error instanceof Error && 'path' in error) throw cannotRead(error, `${pattern}: ${String(error.path)}`);
  // a plain ./ is left out of names
  return names.map((name) => (written === '' ? name : posix.normalize(`${written}${name}`)));
}

/**
 * Whether `pattern` would match the absolute path `path`, whether or not there is such a file.
 *
 * @param base the folder that the pattern starts at, in the form that `path` has it (given, or real)
 */
export function wouldMatch(pattern: string, path: string, cwd: string, base = splitGlob(pattern, cwd).folder): boolean {
  const below = relative(base, path).split(sep);
  if (below[0] === '..' || below[0] === '') return false;
  const { rest } = splitGlob(pattern, cwd);
  return globSync(rest, { cwd: base, expandDirectories: false, fs: { readdirSync: treeOf(base, below) } }).length > 0;
}

/** `readdirSync` of a disk that holds one file only, at the given segments below `folder`. */
function treeOf(folder: string, below: readonly string[]): typeof readdirSync {
  const list = (path: string): Dirent[] => {
    const inside = relative(folder, path);
    const depth = inside === '' ? 0 : inside.split(sep).length;
    const name = below[depth];
    if (name === undefined || resolve(path) !== join(folder, ...below.slice(0, depth))) return [];
    const isFile = depth === below.length - 1;
    return [
      { name, isFile: () => isFile, isDirectory: () => !isFile, isSymbolicLink: () => false },
    ] as unknown as Dirent[];
  };
  // only the form that the crawler calls
  return list as unknown as typeof readdirSync;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const slashes = (path: string): string => (sep === '\\' ? path.replaceAll('\\', '/') : path);
