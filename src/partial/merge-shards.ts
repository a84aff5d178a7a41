import type { CountedShards } from '../density/cells.ts';
import { inputError } from '../errors.ts';

/** The shards that a partial counted, `undefined` for a whole stream, and the file it came from. */
export interface NamedShards {
  readonly name: string;
  readonly shards?: CountedShards | undefined;
}

/** Partials in the order of their shards, where all are shards of one stream: its batches follow each other. */
export function inShardOrder<T extends NamedShards>(parts: readonly T[]): readonly T[] {
  const first = ({ shards }: T): number => shards?.indices[0] ?? 0;
  const plans = new Set(parts.map(({ shards }) => shards?.plan));
  return plans.size === 1 ? parts.toSorted((a, b) => first(a) - first(b)) : parts;
}

/**
 * The shards that partials are of together; `undefined` where all of each stream are there, which makes a partial like any
 * other.
 *
 * @param haveBatches those of each partial follow those of the one before
 * @throws inputError where one is there twice, or shards of a stream are missing beside other counts
 */
export function mergeShards(parts: readonly NamedShards[], haveBatches: boolean): CountedShards | undefined {
  const plans = new Set(parts.map(({ shards }) => shards?.plan));
  const ofPlan = (plan: string) => parts.filter(({ shards }) => shards?.plan === plan);
  const unions = [...plans].flatMap((plan) => (plan === undefined ? [] : [unionOf(ofPlan(plan), haveBatches)]));
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
function unionOf(parts: readonly NamedShards[], haveBatches: boolean): CountedShards {
  const owners = new Map<number, string>();
  let of = 0;
  let plan = '';
  let last = 0;
  for (const { name, shards } of parts) {
    if (shards === undefined) continue;
    ({ of, plan } = shards);
    for (const index of shards.indices) {
      const owner = owners.get(index);
      if (owner !== undefined) throw inputError(`${name}: holds shard ${index} of ${of}, which ${owner} holds too`);
      owners.set(index, name);
    }
    if (haveBatches && shards.indices[0] < last) throw outOfOrder(name, shards, last);
    last = shards.indices.at(-1) ?? last;
  }
  return { of, plan, indices: [...owners.keys()].sort((a, b) => a - b) };
}

/** Batches of shards that were merged before stand together. */
const outOfOrder = (name: string, shards: CountedShards, last: number): Error =>
  inputError(
    `${name}: holds ${describeShards(shards)}, which do not follow shard ${last}; batches follow the stream, so merge all ` +
      'shards at once',
  );

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
