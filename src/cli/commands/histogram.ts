import { validateHistogram } from '../../options/validate.ts';
import { asksForCoco, validateCocoHistogram } from '../../options/validate-coco.ts';
import { partialReport } from '../../report/terminal/run-report.ts';
import { cocoFlags, cocoOptions } from '../coco-flags.ts';
import type { Command } from '../command.ts';
import { binsFlag, countFlags, countOptions } from '../density-flags.ts';
import { showPlan } from '../dry-run.ts';
import { fileFlags, outOptions, resumeFlag, resumeOptions } from '../output-flags.ts';
import { dryRunFlag, engineFlag, jsonFlag, poolFlags, quietFlag, runOptions } from '../run-flags.ts';
import { setFlags, setOptions } from '../set-flags.ts';
import { shardFlag, shardOption } from '../shard-flag.ts';
import { withStandardInput } from '../standard-streams.ts';
import { streamFlags, streamOptions } from '../stream-flags.ts';

/** Pass 1 alone. */
export const histogram: Command = {
  name: 'histogram',
  summary: 'count alone: write a partial, for merge and apply',
  usage: '(FILES.. | --logits FILES --labels FILES) --out FILE [options]',
  about:
    'Counts the gradient norms of all samples and writes the counts as one partial. Partials of other machines or days are added by ghm merge; ghm apply weighs with them. Count with --density window what is to be weighed by windows: of any width, which apply is told.',
  flags: {
    ...streamFlags,
    ...countFlags,
    ...cocoFlags,
    ...binsFlag,
    ...setFlags,
    ...shardFlag,
    ...fileFlags,
    ...resumeFlag,
    ...engineFlag,
    ...poolFlags,
    ...dryRunFlag,
    ...jsonFlag,
    ...quietFlag,
  },
  takesWords: true,
  examples: [
    "ghm histogram --logits 'day1/*.logits.npy' --labels 'day1/*.labels.npy' --out day1.ghm",
    "ghm histogram --logits 'day2/*.logits.npy' --labels 'day2/*.labels.npy' --out day2.ghm",
    'ghm merge day1.ghm day2.ghm --out all.ghm',
    "ghm histogram --shard 3/8 --logits 'd/*.logits.npy' --labels 'd/*.labels.npy' --out counts/3.ghm",
  ],
  async run(flags, session) {
    const given = {
      ...streamOptions(flags),
      ...countOptions(flags),
      ...setOptions(flags),
      ...shardOption(flags),
      ...cocoOptions(flags),
      bins: flags.number('bins'),
      ...outOptions(flags),
      ...resumeOptions(flags),
      ...runOptions(flags, session),
    };
    await withStandardInput(given, session, async (raw) => {
      const options = asksForCoco(raw) ? validateCocoHistogram(raw) : validateHistogram(raw);
      if (flags.on('dry-run')) {
        const { planHistogram } = await import('../../run/plan.ts');
        return showPlan(await planHistogram(options), session);
      }
      const { histogram } = await import('../../run/histogram.ts');
      const partial = await histogram(options);
      await session.show(partial, (page) => partialReport(partial, page));
    });
  },
};
