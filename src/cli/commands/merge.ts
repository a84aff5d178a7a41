import { validateMerge } from '../../options/validate.ts';
import { partialReport } from '../../report/terminal/run-report.ts';
import type { Command } from '../command.ts';
import { fileFlags, outOptions } from '../output-flags.ts';
import { jsonFlag, quietFlag } from '../run-flags.ts';

/** Sum of partials. */
export const merge: Command = {
  name: 'merge',
  summary: 'add partials, from other machines or days',
  usage: '(FILES.. | DIR) --out FILE [options]',
  about:
    'Adds partials written by ghm histogram or ghm merge. The sum is exact, in any order. A folder stands for the *.ghm in it; none of the shards of ghm histogram --shard may be missing there.',
  flags: { ...fileFlags, ...jsonFlag, ...quietFlag },
  takesWords: true,
  examples: [
    'ghm merge day1.ghm day2.ghm --out all.ghm',
    "ghm merge 'parts/*.ghm' --out all.ghm",
    'ghm merge counts --out all.ghm',
  ],
  async run(flags, session) {
    const options = validateMerge({ partials: flags.words(), ...outOptions(flags), signal: session.signal });
    const { merge } = await import('../../run/merge.ts');
    const partial = await merge(options);
    await session.show(partial, (page) => partialReport(partial, page));
  },
};
