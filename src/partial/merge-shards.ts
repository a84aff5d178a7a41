import type { CountedShards } from '../density/cells.ts';
import { inputError } from '../errors.ts';
import type { NamedCounts } from './merge-counts.ts';

/** Partials in the order of their shards, where all are shards of one stream: its batches follow each other. */
export function inShardOrder(parts: readonly NamedCounts[]): readonly NamedCounts[] {
  const first = ({ counts }: NamedCounts): number => counts.shards?.indices[0] ?? 0;
  const plans = new Set(parts.map(({ counts }) => counts.shards?.plan));
  return plans.size === 1 ? parts.toSorted((a, b) => first(a) - first(b)) : parts;
}

/**
 * The shards that partials are of together; `undefined` where all of each stream are there, which makes a partial like any
 * other.
 *
 * @throws inputError where one is there twice, or shards of a stream are missing beside other counts
 */
export function mergeShards(parts: readonly NamedCounts[]): CountedShards | undefined {
  const plans = new Set(parts.map(({ counts }) => counts.shards?.plan));
  const ofPlan = (plan: string) => parts.filter(({ counts }) => counts.shards?.plan === plan);
  const unions = [...plans].flatMap((plan) => (plan === undefined ? [] : [unionOf(ofPlan(plan))]));
  const incomplete = unions.find(({ indices, of }) => indices.length < of);
  if (incomplete === undefined) return undefined;
  if (plans.size === 1) return incomplete;
  const [{ name }] = ofPlan(incomplete.plan);
  throw inputError(
    `${name}: holds ${describeShards(incomplete)}, without ${describeMissing(incomplete)}, and others hold counts of another ` +
      'stream, or of other options or times of its files; merge all shards of a stream, or all of one stream at first',
  );
}

/** Shards of one plan. */
function unionOf(parts: readonly NamedCounts[]): CountedShards {
  const owners = new Map<number, string>();
  let of = 0;
  let plan = '';
  for (const { name, counts } of parts) {
    if (counts.shards === undefined) continue;
    ({ of, plan } = counts.shards);
    checkFollows([...owners.keys()], counts, name);
    for (const index of counts.shards.indices) {
      const owner = owners.get(index);
      if (owner !== undefined) throw inputError(`${name}: holds shard ${index} of ${of}, which ${owner} holds too`);
      owners.set(index, name);
    }
  }
  return { of, plan, indices: [...owners.keys()].sort((a, b) => a - b) };
}

/** @throws inputError where batches would come out of order: those of shards that were merged before stand together */
function checkFollows(before: readonly number[], { shards, sets }: NamedCounts['counts'], name: string): void {
  const last = before.at(-1) ?? 0;
  if (shards === undefined || sets?.request.kind !== 'batches' || shards.indices[0] >= last) return;
  throw inputError(
    `${name}: holds ${describeShards(shards)}, which do not follow shard ${last}; batches follow the stream, so merge all ` +
      'shards at once',
  );
}

/** `shard 3 of 8`, `shards 1, 2, 5 of 8`. */
export const describeShards = ({ of, indices }: Pick<CountedShards, 'of' | 'indices'>): string =>
  `${named(indices)} of ${of}`;

/** `shard 4`, `shards 3, 4, 6, 7, 8`. */
export const describeMissing = ({ of, indices }: Pick<CountedShards, 'of' | 'indices'>): string =>
  named(missingOf({ of, indices }));

/** Those that are not there. */
export function missingOf({ of, indices }: Pick<CountedShards, 'of' | 'indices'>): number[] {
  const there = new Set(indices);
  return Array.from({ length: of }, (_, i) => i + 1).filter((index) => !there.has(index));
}

const MOST_NAMED = 10;

function named(indices: readonly number[]): string {
  const more = indices.length > MOST_NAMED ? ` and ${indices.length - MOST_NAMED} more` : '';
  return `${indices.length === 1 ? 'shard' : 'shards'} ${indices.slice(0, MOST_NAMED).join(', ')}${more}`;
}
