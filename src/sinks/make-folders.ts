import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes `path` and the folders on the way that are not there, or none of them. One by one: Node's recursive mkdir never
 * ends below /proc.
 *
 * @param path absolute
 * @returns the topmost folder made, if any
 * @throws the system's error
 */
export function makeFolders(path: string): string | undefined {
  const missing: string[] = [];
  // a dangling link is there: lstat sees it
  for (let at = path; lstatSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing.unshift(at);
  let made: string | undefined;
  try {
    for (const folder of missing) {
      mkdirSync(folder);
      made ??= folder;
    }
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    throw error;
  }
  return made;
}
