import type { RawOptions } from '../../options/fields.ts';
import { validateApply, validateShardApply } from '../../options/validate.ts';
import { asksForCoco, validateCocoApply } from '../../options/validate-coco.ts';
import { runReport, shardReport } from '../../report/terminal/run-report.ts';
import { cocoFlags, cocoOptions } from '../coco-flags.ts';
import type { Command } from '../command.ts';
import { densityFileFlag, densityOptions, methodFlag, partialBinsFlag, weightFlags } from '../density-flags.ts';
import { showPlan } from '../dry-run.ts';
import type { FlagValues } from '../flag.ts';
import { weightsFlags, weightsOptions } from '../output-flags.ts';
import { dryRunFlag, engineFlag, jsonFlag, poolFlags, quietFlag, runOptions } from '../run-flags.ts';
import type { Session } from '../session.ts';
import { momentumFlags, momentumOptions, setFlags, setOptions } from '../set-flags.ts';
import { shardFlag, shardOption } from '../shard-flag.ts';
import { withStandardStreams } from '../standard-streams.ts';
import { streamFlags, streamOptions } from '../stream-flags.ts';

/** Pass 2 alone. */
export const apply: Command = {
  name: 'apply',
  summary: 'weigh alone: write weights from a density counted before',
  usage: '--density FILE (FILES.. | --logits FILES --labels FILES) --out DIR [options]',
  about:
    'Writes one weight a sample from a partial, a merged partial or the density.json of another run. A density.json has its method, its bins, its normalization and its limit already: it takes no options for them.',
  flags: {
    ...streamFlags,
    ...cocoFlags,
    ...densityFileFlag,
    ...methodFlag,
    ...partialBinsFlag,
    ...weightFlags,
    ...setFlags,
    ...momentumFlags,
    ...shardFlag,
    ...weightsFlags,
    ...engineFlag,
    ...poolFlags,
    ...dryRunFlag,
    ...jsonFlag,
    ...quietFlag,
  },
  takesWords: true,
  examples: [
    "ghm apply --density all.ghm --logits 'day1/*.logits.npy' \\",
    "    --labels 'day1/*.labels.npy' --out day1-weights",
    'ghm apply --density all.ghm --method window --epsilon 0.1 --logits logits.npy \\',
    '    --labels labels.npy --out weights',
    "ghm apply --shard 3/8 --density all.ghm --logits 'd/*.logits.npy' \\",
    "    --labels 'd/*.labels.npy' --out weights   # then ghm finish weights",
  ],
  async run(flags, session) {
    const given = {
      density: flags.text('density'),
      method: flags.text('method'),
      ...streamOptions(flags),
      ...cocoOptions(flags),
      ...densityOptions(flags),
      ...setOptions(flags),
      ...momentumOptions(flags),
      ...shardOption(flags),
      ...weightsOptions(flags),
      ...runOptions(flags, session),
    };
    await withStandardStreams(given, session, async (raw, session) => {
      if (flags.text('shard') !== undefined) {
        await runShard(raw, flags, session);
        return undefined;
      }
      const options = asksForCoco(raw) ? validateCocoApply(raw) : validateApply(raw);
      if (flags.on('dry-run')) {
        const { planApply } = await import('../../run/plan.ts');
        showPlan(await planApply(options), session);
        return undefined;
      }
      const { apply } = await import('../../run/apply.ts');
      const summary = await apply(options);
      await session.show(summary, (page) => runReport(summary, page));
      return summary;
    });
  },
};

async function runShard(raw: RawOptions, flags: FlagValues, session: Session): Promise<void> {
  if (asksForCoco(raw)) validateCocoApply(raw);
  const options = validateShardApply(raw);
  if (flags.on('dry-run')) {
    const { planApply } = await import('../../run/plan.ts');
    return showPlan(await planApply(options), session);
  }
  const { applyShard } = await import('../../run/apply-shard.ts');
  const summary = await applyShard(options);
  await session.show(summary, () => shardReport(summary));
}
