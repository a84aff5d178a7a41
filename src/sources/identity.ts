import { type Stats, statSync } from 'node:fs';
import { inputError } from '../errors.ts';
import type { ArraySource, FileIdentity } from './source.ts';

export const identityFromStats = (stats: Stats): FileIdentity => ({
  size: stats.size,
  mtimeMs: stats.mtimeMs,
  inode: stats.ino,
});

/** @throws the file system's error where `path` cannot be seen */
export const identityOf = (path: string): FileIdentity => identityFromStats(statSync(path));

/** Whether the file of a source is still the one that was opened: present, and of the same size, time and inode. */
export function unchanged(source: Pick<ArraySource, 'path' | 'identity'>): boolean {
  let now: FileIdentity;
  try {
    now = identityOf(source.path);
  } catch {
    return false;
  }
  const then = source.identity;
  return now.size === then.size && now.mtimeMs === then.mtimeMs && now.inode === then.inode;
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
  return inputError(`${name}: cannot be read (${code})`);
}
