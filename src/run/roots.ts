import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { ExitCode, GhmError, usageError } from '../errors.ts';
import { discover } from '../sources/discover.ts';
import { isFileList } from '../sources/file-list.ts';
import { isGlob, splitGlob } from '../sources/glob.ts';
import type { InputList } from './input-lists.ts';

/** The folders that a worker may read from and write to. */
export class Roots {
  /** Real paths. */
  readonly folders: readonly string[];

  /** @throws usageError where one is no folder */
  constructor(folders: readonly string[]) {
    this.folders = folders.map((folder) => {
      if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return realpathSync.native(folder);
      throw usageError(`--root ${folder}: is no folder; expected one that jobs may read from and write to`);
    });
  }

  /**
   * @param path absolute; what is not there yet is judged by the folder that it would lie in
   * @throws usageError where the path, links resolved, lies outside all roots
   */
  check(path: string): void {
    if (!isAbsolute(path)) throw refused(path, 'is no absolute path');
    const real = realPath(path);
    if (this.folders.some((root) => isInside(real, root))) return;
    const where = real === path ? '' : `leads to ${real}, which `;
    throw refused(path, `${where}lies outside the roots of this worker (${this.folders.join(', ')})`);
  }

  /** @throws usageError where the option names, lists or matches a file outside */
  async checkInputs({ option, patterns }: InputList): Promise<void> {
    // a list may have relative paths in it
    const cwd = process.cwd();
    for (const pattern of patterns) {
      const isList = pattern.startsWith('@');
      const path = isList ? pattern.slice(1) : pattern;
      if (path.split('/').includes('..')) throw refused(path, 'has .. in it');
      if (!isAbsolute(path)) throw refused(path, 'is no absolute path');
      if (isList && !isFileList(pattern, cwd)) throw refused(path, 'is no list of files');
      this.check(!isList && isGlob(path, cwd) ? splitGlob(path, cwd).folder : path);
    }
    const folders = new Set<string>();
    for (const { path } of await discover(patterns, option, cwd)) {
      const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
      const judged = isLink ? path : dirname(path);
      if (folders.has(judged)) continue;
      folders.add(judged);
      this.check(judged);
    }
  }
}

const refused = (path: string, why: string): GhmError =>
  new GhmError(ExitCode.usage, `${path}: ${why}; ghm worker --root says where jobs may read and write`);

/** The path with all links resolved that are there. */
function realPath(path: string): string {
  // a dangling link is there, and leads somewhere: it has no real path
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    try {
      return realpathSync.native(path);
    } catch (error) {
      throw refused(path, `cannot be resolved (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  const above = dirname(path);
  return above === path ? path : join(realPath(above), basename(path));
}

function isInside(path: string, root: string): boolean {
  const below = relative(root, path);
  return below === '' || (below !== '..' && !below.startsWith('../') && !isAbsolute(below));
}
