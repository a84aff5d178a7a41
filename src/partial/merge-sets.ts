import type { CountedShards } from '../density/cells.ts';
import type { CountedSets } from '../density/counted-sets.ts';
import { addSet, emptySetCounts } from '../density/set-counts.ts';
import { inputError } from '../errors.ts';
import { describeRequest } from '../options/set-options.ts';

/** What a partial counted by batch or group, if it did, and the file it came from. */
export interface NamedSets {
  readonly name: string;
  readonly sets: CountedSets | undefined;
  /** The shards that it counted, where it is of shards: they say the order of batches. */
  readonly shards?: CountedShards | undefined;
}

/**
 * Groups of the same value are added; batches follow each other in the order of the parts, as none spans two. `undefined`
 * where no part has any.
 *
 * @throws inputError where two were counted by different sets
 */
export function mergeSets(parts: readonly NamedSets[]): CountedSets | undefined {
  const [first] = parts;
  for (const part of parts) {
    if (describe(part) === describe(first)) continue;
    throw inputError(
      `${part.name}: counted with ${describe(part)}, but ${first.name} with ${describe(first)}; count both the same way`,
    );
  }
  const all = parts.flatMap(({ sets }) => sets ?? []);
  if (first.sets === undefined) return undefined;
  return first.sets.request.kind === 'groups' ? addGroups(all) : joinBatches(all);
}

const describe = ({ sets }: NamedSets): string =>
  sets === undefined ? 'neither --batch nor --group' : describeRequest(sets.request);

function addGroups(all: readonly CountedSets[]): CountedSets {
  const values = [...new Set(all.flatMap((sets) => sets.values))].sort((a, b) => a - b);
  const place = new Map(values.map((value, i) => [value, i]));
  const [{ request, counts }] = all;
  const sum = emptySetCounts(counts, values.length);
  for (const sets of all) {
    for (const [from, value] of sets.values.entries()) addSet(sum, place.get(value) ?? 0, sets.counts, from);
  }
  return { request, batchRows: [], values, counts: sum };
}

function joinBatches(all: readonly CountedSets[]): CountedSets {
  const [{ request, counts }] = all;
  const batchRows = all.flatMap((sets) => sets.batchRows);
  const joined = emptySetCounts(counts, batchRows.length);
  let at = 0;
  for (const sets of all) {
    joined.samples.set(sets.counts.samples, at);
    joined.losses.set(sets.counts.losses, at);
    at += sets.counts.samples.length;
  }
  return { request, batchRows, values: [], counts: joined };
}
