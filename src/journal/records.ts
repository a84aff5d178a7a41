import type { Header, WeighedShard } from './journal.ts';

/** A record after the header. */
export type Entry = { readonly weighed: readonly WeighedShard[] } | { readonly finishing: true };

/** Whether a record is the header that a run of this version writes; the checksum of its line anyone can make. */
export function isHeader(record: unknown, version: number): record is Header {
  if (!isObject(record) || record.journal !== version || typeof record.started !== 'string') return false;
  const { made, sets, identity } = record;
  if (![made, sets].every((text) => text === undefined || typeof text === 'string')) return false;
  if (!isObject(identity) || !isObject(identity.options) || !isShallow(identity.options, MOST_NESTED)) return false;
  const { command, version: writer, shards, files } = identity;
  return (
    [command, writer].every((text) => typeof text === 'string') &&
    isCount(shards) &&
    Array.isArray(files) &&
    files.every((mark) => typeof mark === 'string')
  );
}

/** Whether a record is one that follows the header of a run of `shards`. */
export function isEntry(record: unknown, shards: number): record is Entry {
  if (!isObject(record)) return false;
  if (record.finishing === true) return true;
  const { weighed } = record;
  return (
    Array.isArray(weighed) &&
    weighed.every((shard) => Array.isArray(shard) && shard.length > 0 && shard.every(isCount) && shard[0] < shards)
  );
}

/** Options are lists and objects of plain values. What is deeper could not be compared: `JSON.stringify` is a recursion. */
const MOST_NESTED = 8;

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
