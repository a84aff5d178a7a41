import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runError, usageError } from '../errors.ts';
import { makeFolders, removeEmptyFolders } from '../sinks/make-folders.ts';

/** The files of a stream while it is made: all of them appear at the end, or none. */
export interface StreamFiles {
  /** Makes a file under a temporary name, with its header, and gives its path. */
  create(name: string, header: Uint8Array): string;
  /** Gives every file its name; parts of an earlier stream are gone then. */
  commit(): void;
  /** Removes what was made, folders too. */
  discard(): void;
}

const PART_NAME = /^part-\d{5}\.(logits|labels|label_weights)\.npy$/;

/**
 * Makes the folder and looks that there is room for `bytes`.
 *
 * @throws GhmError usage: `out` is no folder, or holds parts and `force` is false; failure: no room, not writable
 */
export function openStreamFiles(out: string, force: boolean, bytes: number): StreamFiles {
  const folder = resolve(out);
  const before = partsIn(folder, out);
  const [first] = before;
  if (first !== undefined && !force) {
    throw usageError(`--out: ${out} already holds ${first}; choose another folder, or --force to replace its parts`);
  }
  const made = attempt(out, () => makeFolders(folder));
  const written = new Map<string, string>();
  const suffix = `.tmp-${randomBytes(4).toString('hex')}`;

  const discard = (): void => {
    for (const temporary of written.values()) rmSync(temporary, { force: true });
    written.clear();
    if (made !== undefined) removeEmptyFolders(folder, made);
  };

  try {
    const { bavail, bsize } = attempt(out, () => statfsSync(folder));
    if (bytes > bavail * bsize) {
      throw runError(`${out}: the stream has ${bytes} bytes, and ${bavail * bsize} are free; ask for fewer --samples`);
    }
  } catch (error) {
    discard();
    throw error;
  }
  return {
    create(name, header) {
      const temporary = join(folder, name + suffix);
      written.set(name, temporary);
      attempt(out, () => writeFileSync(temporary, header));
      return temporary;
    },
    commit() {
      attempt(out, () => {
        for (const [name, temporary] of written) renameSync(temporary, join(folder, name));
        for (const name of before) if (!written.has(name)) rmSync(join(folder, name));
      });
    },
    discard,
  };
}

/** Names of the parts in a folder, sorted. */
function partsIn(folder: string, out: string): string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) throw usageError(`--out: ${out} is not a folder; choose another name`);
  return attempt(out, () => readdirSync(folder))
    .filter((name) => PART_NAME.test(name))
    .sort();
}

function attempt<T>(out: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw runError(`${out}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}
