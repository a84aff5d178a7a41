import { lstatSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Breathe, breathing } from '../breath.ts';
import { usageError } from '../errors.ts';
import { findLinkOut } from './links-out.ts';

/** @throws usageError where a folder on the way to an output is a symbolic link out of the output folder */
export function checkNoLinkOut(folder: string, paths: Iterable<string>): void {
  const link = findLinkOut(folder, paths);
  if (link !== undefined) {
    const to = link.target === null ? 'to nothing' : `out of ${folder}, to ${link.target}`;
    throw usageError(
      `--out: ${link.path} is a symbolic link ${to}; expected a folder, or nothing, where outputs belong`,
    );
  }
}

/**
 * Before any work: sees that every output can be put in its place at the end.
 *
 * @throws usageError where one exists and `force` is not set, is not a regular file, or lies below a file or a link out of the folder
 */
export async function checkNoneExists(
  folder: string,
  paths: Iterable<string>,
  force: boolean,
  breathe: Breathe = breathing(),
): Promise<void> {
  checkNoLinkOut(folder, paths);
  for (const path of paths) {
    checkReplaceable(join(folder, path));
    for (let at = dirname(path); at !== '.' && at !== dirname(at); at = dirname(at))
      checkFolder(join(folder, at), path);
    await breathe();
  }
  const existing: string[] = [];
  for (const path of paths) {
    // a link to nothing is there too
    if (lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined) existing.push(path);
    await breathe();
  }
  if (existing.length === 0 || force) return;
  const [more, it] = existing.length > 1 ? [` and ${existing.length - 1} more exist`, 'them'] : [' exists', 'it'];
  throw usageError(`${join(folder, existing[0])}${more} already; use --force to replace ${it}`);
}

/** The same for one output file. */
export const checkAbsent = (path: string, force: boolean): Promise<void> =>
  checkNoneExists(dirname(path), [basename(path)], force);

/** A device, a pipe or a folder is never replaced by a file. */
function checkReplaceable(path: string): void {
  const stats = statsOf(path);
  if (stats === undefined || stats.isFile()) return;
  const found = stats.isDirectory() ? 'a folder' : 'a pipe or device';
  throw usageError(`--out: ${path} is ${found}; expected a file, or nothing, where an output belongs`);
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function checkFolder(path: string, output: string): void {
  const stats = statsOf(path);
  if (stats === undefined || stats.isDirectory()) return;
  throw usageError(`--out: ${path} is a file; expected a folder, or nothing, where ${output} belongs`);
}
