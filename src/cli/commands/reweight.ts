import { asksForBullmq, validateBullmqReweight } from '../../options/bullmq-options.ts';
import { BULLMQ } from '../../options/engines.ts';
import type { RawOptions } from '../../options/fields.ts';
import { validateReweight } from '../../options/validate.ts';
import { asksForCoco, validateCocoReweight } from '../../options/validate-coco.ts';
import { runReport } from '../../report/terminal/run-report.ts';
import { cocoFlags, cocoOptions } from '../coco-flags.ts';
import type { Command } from '../command.ts';
import { binsFlag, countFlags, countOptions, densityOptions, weightFlags } from '../density-flags.ts';
import { showPlan } from '../dry-run.ts';
import type { FlagValues } from '../flag.ts';
import { weightsFlags, weightsOptions } from '../output-flags.ts';
import { partsFlag, queueFlags, queueOptions } from '../queue-flags.ts';
import { dryRunFlag, jsonFlag, poolFlags, quietFlag, reweightEngineFlag, runOptions } from '../run-flags.ts';
import { momentumFlags, momentumOptions, setFlags, setOptions } from '../set-flags.ts';
import { withStandardStreams } from '../standard-streams.ts';
import { streamFlags, streamOptions } from '../stream-flags.ts';

/** Both passes. */
export const reweight: Command = {
  name: 'reweight',
  summary: 'the main job: count all samples, then write one weight a sample',
  usage: '(FILES.. | --logits FILES --labels FILES) --out DIR [options]',
  about:
    'Counts the gradient norms of all samples, makes their density, and writes one weight a sample: NAME.beta.npy for each NAME.npy or NAME.npz of logits, with density.json, summary.json and report.html.',
  flags: {
    ...streamFlags,
    ...countFlags,
    ...cocoFlags,
    ...binsFlag,
    ...weightFlags,
    ...setFlags,
    ...momentumFlags,
    ...weightsFlags,
    ...reweightEngineFlag,
    ...queueFlags,
    ...partsFlag,
    ...poolFlags,
    ...dryRunFlag,
    ...jsonFlag,
    ...quietFlag,
  },
  takesWords: true,
  examples: [
    'ghm reweight --logits logits.npy --labels labels.npy --out weights',
    "ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' \\",
    '    --bins 30 --max-weight 10 --out weights',
    "ghm reweight --task regression --bbox-pred 'dumps/*.bbox_pred.npy' \\",
    "    --bbox-target 'dumps/*.bbox_target.npy' --bbox-weights 'dumps/*.bbox_weights.npy' --out weights",
    "ghm reweight 'dumps/*.npz' --logits-key cls --out weights",
    'zcat logits.npy.gz | ghm reweight --logits - --labels labels.npy --out - > beta.npy',
    'ghm reweight dump.parquet --format parquet --keep image_id,anchor --out weights',
    'ghm reweight --density window --epsilon 0.1 --logits logits.npy --labels labels.npy --out weights',
    "ghm reweight --logits 'd/*.logits.npy' --labels 'd/*.labels.npy' \\",
    "    --group level --column level='d/*.level.npy' --out weights",
    "ghm reweight --logits 'd/*.logits.npy' --labels 'd/*.labels.npy' \\",
    '    --batch rows:65536 --momentum 0.9 --bias-correction --out weights',
    'ghm reweight --coco-results results.json \\',
    '    --coco-annotations instances_val2017.json --out weights',
    'ghm reweight --engine bullmq --redis redis://queue:6379 --parts 64 /data/dumps --out /data/weights',
  ],
  async run(flags, session) {
    const given = {
      ...reweightOptions(flags),
      ...runOptions(flags, session),
      ...queueOptions(flags, flags.text('engine') === BULLMQ),
      parts: flags.number('parts'),
    };
    await withStandardStreams(given, session, async (raw, session) => {
      const byWorkers = asksForBullmq(raw);
      const options = byWorkers
        ? validateBullmqReweight(raw).reweight
        : asksForCoco(raw)
          ? validateCocoReweight(raw)
          : validateReweight(raw);
      if (flags.on('dry-run')) {
        const { planReweight } = await import('../../run/plan.ts');
        showPlan(await planReweight(options), session);
        return undefined;
      }
      const { reweight } = await import('../../run/reweight.ts');
      const summary = await reweight(byWorkers ? raw : options);
      await session.show(summary, (page) => runReport(summary, page));
      return summary;
    });
  },
};

/** The options of the run as typed, but for what belongs to this process. */
export const reweightOptions = (flags: FlagValues): RawOptions => ({
  ...streamOptions(flags),
  ...cocoOptions(flags),
  ...countOptions(flags),
  ...densityOptions(flags),
  ...setOptions(flags),
  ...momentumOptions(flags),
  ...weightsOptions(flags),
});
