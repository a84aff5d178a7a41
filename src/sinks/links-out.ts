import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** Where a symbolic link leads that leaves the output folder. */
export interface LinkOut {
  readonly path: string;
  /** `null` where there is nothing. */
  readonly target: string | null;
}

/** Whether a real path is that of the folder, or below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === sep ? sep : folder + sep);

/**
 * The first folder on the way from `folder`, which may be a link itself, to an output that is a symbolic link out of it.
 *
 * @param paths of outputs, below the folder
 */
export function findLinkOut(folder: string, paths: Iterable<string>): LinkOut | undefined {
  const looked = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); at !== '.' && at !== dirname(at) && !looked.has(at); at = dirname(at)) {
      looked.add(at);
      const link = join(folder, at);
      if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) continue;
      const target = realPath(link);
      if (target === null || !isWithin(target, realpathSync.native(folder))) return { path: link, target };
    }
  }
  return undefined;
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
