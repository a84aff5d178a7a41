import type { BlockArray, Row } from '../source.ts';

/** Elements that are decoded at once, at most, where row groups are small enough. */
const MOST_ELEMENTS = 1 << 22;

/**
 * Where whole row groups end that are decoded in one query from `row`, as many as are small enough together: the last such end, or
 * `end`. `null` where the first row group is too large and has to be streamed.
 */
export function groupsEnd({ blocks, columns }: Pick<BlockArray, 'blocks' | 'columns'>, row: Row, end: Row): Row | null {
  const reach = row + Math.max(1, Math.floor(MOST_ELEMENTS / columns));
  if (end <= reach) return end;
  const boundary = blocks?.findLast((block) => block <= reach) ?? 0;
  return boundary > row ? boundary : null;
}
