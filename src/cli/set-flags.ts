import { usageError } from '../errors.ts';
import type { RawOptions } from '../options/fields.ts';
import type { Flags, FlagValues } from './flag.ts';

const group = 'Batches and groups:';

/** Which samples get a density of their own. */
export const setFlags: Flags = {
  group: {
    kind: 'value',
    group,
    describe: 'a density for each value of an integer column (an image, a level), or for each class: class',
  },
  batch: {
    kind: 'value',
    group,
    describe: 'mini-batches in stream order: rows:N, or column:NAME, of which --batch-size values are a batch',
  },
  'batch-size': { kind: 'value', group, describe: 'consecutive values of the column in a batch, such as 16 images' },
  column: {
    kind: 'list',
    group,
    describe: "NAME=FILES: an integer column, one value a row, paired like labels: level='dumps/*.level.npy'",
  },
};

/** How batches follow each other. */
export const momentumFlags: Flags = {
  momentum: {
    kind: 'value',
    group,
    describe: 'weigh each batch by a moving average of counts, S = A S + (1 - A) R, 0 <= A < 1; needs --batch',
  },
  'bias-correction': {
    kind: 'switch',
    group,
    describe: 'correct the average for its start at 0: first batches as without momentum',
  },
};

/** The same as typed. */
export const setOptions = (flags: FlagValues): RawOptions => ({
  group: flags.text('group'),
  batch: flags.text('batch'),
  batchSize: flags.number('batch-size'),
  columns: columnsOf(flags.list('column')),
});

export const momentumOptions = (flags: FlagValues): RawOptions => ({
  momentum: flags.number('momentum'),
  biasCorrection: flags.on('bias-correction') || undefined,
});

/** `NAME=FILE FILE ..` as lists by name. A text without a name belongs to the one before. */
export function columnsOf(
  texts: readonly string[] | undefined,
): Readonly<Record<string, readonly string[]>> | undefined {
  if (texts === undefined) return undefined;
  const columns = new Map<string, string[]>();
  let files: string[] | undefined;
  for (const text of texts) {
    const named = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text);
    if (named !== null) {
      const [, name = '', first = ''] = named;
      files = columns.get(name) ?? [];
      columns.set(name, files);
      files.push(first);
    } else if (files === undefined) {
      throw usageError(
        `--column: expected NAME=FILES, such as level='dumps/*.level.npy', found ${JSON.stringify(text)}`,
      );
    } else {
      files.push(text);
    }
  }
  return Object.fromEntries(columns);
}
