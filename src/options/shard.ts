import { usageError } from '../errors.ts';
import type { ShardChoice } from '../plan/slices.ts';
import { found, type RawOptions } from './fields.ts';

const MOST_SHARDS = 1_000_000;

/** The part of a stream that a run is to do, `i/n`; `undefined`: all of it. @throws GhmError (usage) */
export const shardText = (raw: RawOptions): string | undefined =>
  raw.shard === undefined ? undefined : requiredShard(raw);

/** As `shardText`, but it has to be there. */
export function requiredShard({ shard, resume }: RawOptions): string {
  if (resume === true) throw usageError('--resume: a shard is done whole or not at all; run it again without');
  if (typeof shard === 'string' && parsed(shard) !== null) return shard;
  throw usageError(
    `--shard: expected i/n, shard i of n with i from 1 to n and n up to ${MOST_SHARDS}, such as 3/8, found ${found(shard)}`,
  );
}

/** What a valid text says; `null` for none. */
export const shardOf = (text: string | undefined): ShardChoice | null => (text === undefined ? null : parsed(text));

function parsed(text: string): ShardChoice | null {
  const [, index, of] = /^([1-9]\d{0,6})\/([1-9]\d{0,6})$/.exec(text)?.map(Number) ?? [];
  return index === undefined || index > of || of > MOST_SHARDS ? null : { index, of };
}
