import { type Stats, statSync } from 'node:fs';
import { inputError } from '../errors.ts';
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
