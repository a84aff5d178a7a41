import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Removes a folder and all in it. It loses its name first: who finds the name finds the whole of it, whenever this is
 * interrupted, or another does the same; what that left over is removed too.
 */
export async function removeFolder(path: string): Promise<void> {
  await removeLeftover(path);
  while (existsSync(path)) {
    moved(path, leftoverOf(path));
    await removeLeftover(path);
  }
}

/** A hidden name beside it. */
const leftoverOf = (path: string): string => join(dirname(path), `.${basename(path).replace(/^\./, '')}-removed`);

/** Removes what was left of a folder whose removal was interrupted. */
export const removeLeftover = (path: string): Promise<void> => rm(leftoverOf(path), { recursive: true, force: true });

/** Renames a folder, unless one with files in it has the name already, or it is gone itself. */
export function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || (code === 'ENOENT' && !existsSync(from))) return false;
    throw error;
  }
}
