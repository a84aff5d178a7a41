import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

/** Which part of the stream. */
export const shardFlag: Flags = {
  shard: {
    kind: 'value',
    group: 'Run:',
    describe: 'i/n: do shard i (1 to n) of n alone, cut by bytes, on every machine alike; see ghm finish',
  },
};

/** The same as typed. */
export const shardOption = (flags: FlagValues): RawOptions => ({ shard: flags.text('shard') });
