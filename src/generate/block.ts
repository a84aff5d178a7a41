/**
 * Blocks: the stream is cut into blocks of rows, whatever its parts, and each block has random numbers of its own. So
 * a block can be made by any thread, alone, and the stream does not depend on threads or on the size of parts.
 */

/** Rows that share their fate (see distribution.ts). */
export const GROUP_ROWS = 32;
/** A block of one group has to fit the buffers of a worker. */
export const MOST_CLASSES = 65_536;
const BLOCK_SAMPLES = 32_768;

/** Rows of a block: whole groups, about 32,768 samples, at least one group. Changing this changes every stream. */
export function blockRows(classes: number): number {
  return GROUP_ROWS * Math.max(1, Math.floor(BLOCK_SAMPLES / GROUP_ROWS / classes));
}

function absorb(state: number, word: number): number {
  let h = state ^ word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return Math.imul(h ^ (h >>> 16), 0x9e3779b1) + 0x7f4a7c15;
}

/** The two 32-bit keys of a block: a hash of seed and block number, integers from 0 to 2^53 - 1. */
export function blockKeys(seed: number, block: number): readonly [number, number] {
  const words = [seed, Math.floor(seed / 2 ** 32), block, Math.floor(block / 2 ** 32)];
  const key = (start: number): number => words.reduce((state, word) => absorb(state, word | 0), start) >>> 0;
  return [key(0x243f6a88), key(0x13198a2e)];
}
