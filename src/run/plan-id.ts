import { createHash } from 'node:crypto';
import type { CompleteStreamOptions } from '../options/complete-options.ts';
import { describeRequest, type SetRequest } from '../options/set-options.ts';
import { arraysOf, type Part } from '../sources/source.ts';

/**
 * A name for a stream cut into `of` slices: equal where the inputs (length and time of each file, not the folder they lie in),
 * the way they are read and `of` are. Times are compared in whole seconds, as copies that keep them may keep no more.
 */
export function planId(
  parts: Iterable<Part>,
  of: number,
  options: Pick<CompleteStreamOptions, 'task' | 'ignoreLabel' | 'nonFinite'>,
  sets: SetRequest | null,
): string {
  const { task, ignoreLabel, nonFinite } = options;
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ of, task, ignoreLabel, nonFinite, sets: sets && describeRequest(sets) }));
  for (const part of parts) {
    const { outputName, rows, classes, targets, indexing, blocks } = part;
    const arrays = arraysOf(part).map(({ format, dtype, shape, identity: { size, mtimeMs } }) => [
      format,
      dtype,
      shape,
      size,
      Math.floor(mtimeMs / 1000),
    ]);
    hash.update(JSON.stringify([outputName, rows, classes, targets, indexing, blocks, arrays]));
  }
  return hash.digest('hex');
}
