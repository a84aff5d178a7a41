import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
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
    if (made !== undefined) removeEmptyFolders(path, made);
    throw error;
  }
  return made;
}

/** Removes the folders from `path` up to `top` that are empty: what others have put there meanwhile stays. */
export function removeEmptyFolders(path: string, top: string): void {
  for (let at = path; at.length >= top.length; at = dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      // not empty, or never made
    }
  }
}
