import type { CellCounts } from '../density/cells.ts';
import { addCounts } from '../density/pieces.ts';
import { addSet, emptySetCounts } from '../density/set-counts.ts';

/** Counts of shards of a stream, with those of its other shards that were counted before, if any were. The sets are the same. */
export function addToCounted(before: CellCounts | null, counts: CellCounts): CellCounts {
  if (before === null) return counts;
  const isNothing = counts.ignored === 0 && counts.cells.every((cells) => cells.every((count) => count === 0));
  // nothing says nothing of low bits either, which a sum would take for all of them
  if (isNothing) return before;
  const sum = addCounts([before, counts]);
  const { sets } = counts;
  if (sets === undefined || before.sets === undefined) return sum;
  const all = emptySetCounts(sets.counts, sets.counts.sets);
  for (const { counts: some } of [before.sets, sets])
    for (let set = 0; set < all.sets; set++) addSet(all, set, some, set);
  return { ...sum, sets: { ...sets, counts: all } };
}
