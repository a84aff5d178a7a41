import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'Queue:';

/** Where jobs wait for workers. */
export const queueFlags: Flags = {
  redis: {
    kind: 'value',
    group,
    describe: 'redis://[[USER]:PASSWORD@]HOST[:PORT][/DB] of a Redis or Valkey server; rediss:// for TLS',
  },
  queue: { kind: 'value', group, describe: 'name of the queue, for workers of other roots (default ghm)' },
};

/** Into how many jobs a run is cut. */
export const partsFlag: Flags = {
  parts: { kind: 'value', group, describe: 'shards, each a job of each pass (default: one for each 256 MiB of input)' },
};

/** The same as typed. */
export const queueOptions = (flags: FlagValues): RawOptions => ({
  redis: flags.text('redis'),
  queue: flags.text('queue'),
});
