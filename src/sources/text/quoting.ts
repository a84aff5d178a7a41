import { closeInput, openInput, readUpTo } from '../input-handle.ts';

const BLOCK_BYTES = 1 << 20;

const [SINGLE_QUOTE, DOUBLE_QUOTE, BACKSLASH] = [0x27, 0x22, 0x5c];

/**
 * Whether nothing but double quotes can quote or escape anything in a file of text: single quotes stand within words (it's), and
 * what backslashes stand before needs no escape.
 *
 * @throws inputError where it cannot be read
 */
export function hasPlainQuotes(path: string, name: string): boolean {
  const handle = openInput(path, name);
  try {
    for (let at = 0; at < handle.stats.size; at += BLOCK_BYTES) {
      // with the last byte of the block before
      const seen = Math.min(at, 1);
      if (!isPlain(readUpTo(handle, at - seen, BLOCK_BYTES + seen), seen)) return false;
    }
    return true;
  } finally {
    closeInput(handle);
  }
}

/** Whether that holds for bytes of which some were `seen`. */
function isPlain(bytes: Uint8Array, seen: number): boolean {
  for (let i = bytes.indexOf(SINGLE_QUOTE, seen); i >= 0; i = bytes.indexOf(SINGLE_QUOTE, i + 1)) {
    if (i === 0 || !isOfWord(bytes[i - 1])) return false;
  }
  for (let i = bytes.indexOf(BACKSLASH); i >= 0; i = bytes.indexOf(BACKSLASH, i + 1)) {
    if (bytes[i + 1] === DOUBLE_QUOTE || bytes[i + 1] === BACKSLASH) return false;
  }
  return true;
}

/** A letter or digit, or part of one beyond ASCII. */
const isOfWord = (byte: number): boolean => byte >= 0x80 || /\w/.test(String.fromCharCode(byte));
