import type { BlockArray, Row } from '../source.ts';

/** Elements that are decoded at once, at most: of several row groups, and of one. More save little time and take much memory. */
export const MOST_OF_SEVERAL = 1 << 21;
const MOST_OF_ONE = 1 << 22;

/**
 * Where whole row groups end that are decoded in one query from `row`, as many as are small enough together: the last such end, or
 * `end`. `null` where the first row group is too large and has to be streamed.
 */
export function groupsEnd({ blocks, columns }: Pick<BlockArray, 'blocks' | 'columns'>, row: Row, end: Row): Row | null {
  const reach = (elements: number): Row => row + Math.max(1, Math.floor(elements / columns));
  if (end <= reach(MOST_OF_SEVERAL)) return end;
  const last = blocks?.findLast((block) => block <= reach(MOST_OF_SEVERAL)) ?? 0;
  if (last > row) return last;
  const first = Math.min(end, blocks?.find((block) => block > row) ?? end);
  return first <= reach(MOST_OF_ONE) ? first : null;
}
