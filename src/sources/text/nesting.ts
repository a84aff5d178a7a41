import { inputError } from '../../errors.ts';
import { type InputHandle, readUpTo } from '../input-handle.ts';

/** A table of numbers has a row, and in it maybe a list. */
const MOST_NESTED = 32;
const BLOCK_BYTES = 1 << 20;

const [QUOTE, BACKSLASH, NEWLINE] = [0x22, 0x5c, 0x0a];
const OPENING = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];

/**
 * Sees that no line of a file of JSON Lines is nested deeply: DuckDB reads what is nested by recursion, and ends the process
 * where the stack ends.
 *
 * @throws inputError naming the line
 */
export function checkNesting(handle: InputHandle): void {
  let depth = 0;
  let line = 1;
  let inText = false;
  let escaped = false;
  for (let at = 0; at < handle.stats.size; at += BLOCK_BYTES) {
    for (const byte of readUpTo(handle, at, BLOCK_BYTES)) {
      if (byte === NEWLINE) {
        line++;
        depth = 0;
        inText = false;
        escaped = false;
      } else if (escaped) escaped = false;
      else if (inText) {
        if (byte === QUOTE) inText = false;
        else if (byte === BACKSLASH) escaped = true;
      } else if (byte === QUOTE) inText = true;
      else if (OPENING.includes(byte)) {
        depth++;
        if (depth > MOST_NESTED) {
          throw inputError(
            `${handle.name}: line ${line}: is nested more than ${MOST_NESTED} deep; expected a flat object a line`,
          );
        }
      } else if (CLOSING.includes(byte)) depth--;
    }
  }
}
