import { closeInput, openInput, readUpTo } from '../input-handle.ts';

const BLOCK_BYTES = 1 << 20;

const [SINGLE_QUOTE, BACKSLASH] = [0x27, 0x5c];

/**
 * Whether nothing but double quotes can quote or escape anything in a file: it holds no other byte that may.
 *
 * @throws inputError where it cannot be read
 */
export function hasPlainQuotes(path: string, name: string): boolean {
  const handle = openInput(path, name);
  try {
    for (let at = 0; at < handle.stats.size; at += BLOCK_BYTES) {
      const bytes = readUpTo(handle, at, BLOCK_BYTES);
      if (bytes.includes(SINGLE_QUOTE) || bytes.includes(BACKSLASH)) return false;
    }
    return true;
  } finally {
    closeInput(handle);
  }
}
