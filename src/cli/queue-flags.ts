import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'Queue:';

/** Where jobs wait for workers. */
export const queueFlags: Flags = {
  redis: {
    kind: 'value',
    group,
    describe:
      'redis://[[USER]:PASSWORD@]HOST[:PORT][/DB] of a Redis or Valkey server; rediss:// for TLS (default: the variable GHM_REDIS)',
  },
  queue: { kind: 'value', group, describe: 'name of the queue, for workers of other roots (default ghm)' },
};

/** Into how many jobs a run is cut. */
export const partsFlag: Flags = {
  parts: { kind: 'value', group, describe: 'shards, each a job of each pass (default: one for each 256 MiB of input)' },
};

/**
 * The same as typed. A URL in a variable is not seen among the processes, with the password in it.
 *
 * @param isWanted whether there will be a queue
 */
export const queueOptions = (flags: FlagValues, isWanted: boolean): RawOptions => ({
  redis: flags.text('redis') ?? (isWanted ? process.env.GHM_REDIS : undefined),
  queue: flags.text('queue'),
});
