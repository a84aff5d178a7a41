import { type Stats, statSync } from 'node:fs';
import type { Breathe } from '../breath.ts';
import { inputError, runError } from '../errors.ts';
import type { FileIdentity } from './source.ts';

export const identityFromStats = (stats: Stats): FileIdentity => ({
  size: stats.size,
  mtimeMs: stats.mtimeMs,
  inode: stats.ino,
});

/** Whether these are still the file that was planned: of the same size, time and inode. */
export function isSameFile(now: Stats, then: FileIdentity): boolean {
  return now.size === then.size && now.mtimeMs === then.mtimeMs && now.ino === then.inode;
}

/** A file is not what it was when the run was planned. */
export const changedMeanwhile = (name: string): Error =>
  inputError(`${name}: the file changed during the run; run again when nothing writes to it`);

/** A file is gone, or no longer to be read. */
export const cannotOpenAnyMore = (name: string, reason: string): Error =>
  inputError(`${name}: cannot be opened any more (${reason})`);

/**
 * Sees, when all is read, that every file still is what was planned: one that is not read again, or was changed while its last
 * rows were read, is found here alone.
 *
 * @throws inputError naming the first that is not
 */
export async function checkUnchanged(files: Iterable<PlannedFile>, breathe: Breathe): Promise<void> {
  let seen: { readonly path: string; readonly stats: Stats | undefined } | undefined;
  for (const { path, name, identity } of files) {
    // the arrays of a file follow each other
    if (seen?.path !== path) {
      seen = { path, stats: statSync(path, { throwIfNoEntry: false }) };
      await breathe();
    }
    const { stats } = seen;
    if (stats === undefined) throw cannotOpenAnyMore(name, 'ENOENT: no such file or directory');
    if (!isSameFile(stats, identity)) throw changedMeanwhile(name);
  }
}

/** A file that a run reads, in the state in which it was planned. */
export interface PlannedFile {
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly identity: FileIdentity;
}

/**
 * Sees that `path` is a file with bytes in it. A pipe or device is refused: both passes read the input.
 *
 * @throws inputError naming `name`
 */
export function statInputFile(path: string, name: string, expected = 'an .npy file'): Stats {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    throw cannotRead(error, name);
  }
  if (stats.isDirectory())
    throw inputError(
      `${name}: is a folder; expected a file. Give its files, such as ${name.replace(/\/+$/, '')}/*.npy`,
    );
  if (!stats.isFile()) {
    throw inputError(`${name}: is a pipe or device; expected a file on disk, because the input is read more than once`);
  }
  if (stats.size === 0) throw inputError(`${name}: is empty (0 bytes); expected ${expected}`);
  return stats;
}

/** What an error of the file system means for the input `name`. */
export function cannotRead(error: unknown, name: string): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return inputError(`${name}: no such file`);
  if (code === 'EACCES' || code === 'EPERM') return inputError(`${name}: no permission to read it (${code})`);
  // nothing is wrong with the data
  if (code === 'EMFILE' || code === 'ENFILE') return runError(`${name}: too many files are open (${code})`, error);
  return inputError(`${name}: cannot be read (${code})`);
}
