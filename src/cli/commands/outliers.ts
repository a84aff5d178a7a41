import { usageError } from '../../errors.ts';
import { choice } from '../../options/fields.ts';
import { OUTLIERS_FORMATS } from '../../options/outliers-options.ts';
import { validateOutliers } from '../../options/validate.ts';
import { csvLines, jsonLines, textOf } from '../../outliers/formats.ts';
import { outliersReport, summaryLines } from '../../report/terminal/outliers-report.ts';
import type { Command } from '../command.ts';
import type { Flags, FlagValues } from '../flag.ts';
import { forceFlag } from '../output-flags.ts';
import { jsonFlag, poolFlags, quietFlag, runOptions } from '../run-flags.ts';
import { columnsOf } from '../set-flags.ts';
import { streamFlags, streamOptions } from '../stream-flags.ts';

const what = 'Outliers:';
const to = 'Output:';

const outliersFlags: Flags = {
  density: { kind: 'value', group: what, describe: 'a partial or a density.json, for beta; needed with --by' },
  top: { kind: 'value', group: what, describe: 'how many, 1 to 1000000 (default 1000; with --per 10 of each)' },
  'min-g': { kind: 'value', group: what, describe: 'only samples of at least this gradient norm, such as 0.97' },
  per: { kind: 'value', group: what, describe: 'the hardest of each: class, file, or a column such as image_id' },
  by: {
    kind: 'value',
    group: what,
    describe: 'rank class, file or a column such as image_id by its sum of beta x loss, instead of samples',
  },
  keep: { kind: 'list', group: what, describe: 'columns to show beside each outlier, such as image_id level' },
  column: {
    kind: 'list',
    group: what,
    describe: "NAME=FILES: a column in files of its own, paired like labels: image_id='dumps/*.image_id.npy'",
  },
};

const outputFlags: Flags = {
  format: {
    kind: 'value',
    group: to,
    describe: 'table (default on a terminal), csv (default elsewhere), jsonl or parquet',
    choices: ['table', ...OUTLIERS_FORMATS],
  },
  out: { kind: 'value', group: to, describe: 'write to this file instead of standard output' },
  ...forceFlag,
};

/** The hardest samples. */
export const outliers: Command = {
  name: 'outliers',
  summary: 'the hardest samples, often wrong labels; or the hardest images',
  usage: '(FILES.. | --logits FILES --labels FILES) [--density FILE] [options]',
  about:
    'Finds the samples of greatest gradient norm in one pass: where the detector is sure, and the label says otherwise. In real data many of them are wrong labels. Or ranks images by their harmonized loss.',
  flags: { ...streamFlags, ...outliersFlags, ...outputFlags, ...poolFlags, ...jsonFlag, ...quietFlag },
  takesWords: true,
  examples: [
    'ghm outliers --logits logits.npy --labels labels.npy --top 20',
    "ghm outliers 'dumps/*.npz' --density weights/density.json --min-g 0.97 \\",
    '    --keep image_id --out hard.csv',
    'ghm outliers --logits logits.npy --labels labels.npy \\',
    '    --column image_id=image_id.npy --per image_id --top 3',
    'ghm outliers --logits logits.npy --labels labels.npy \\',
    '    --column image_id=image_id.npy --density weights/density.json --by image_id',
  ],
  async run(flags, session) {
    const screen = screenFormat(flags);
    const options = validateOutliers({
      ...streamOptions(flags),
      density: flags.text('density'),
      top: flags.number('top'),
      minG: flags.number('min-g'),
      per: flags.text('per'),
      by: flags.text('by'),
      keep: flags.list('keep'),
      columns: columnsOf(flags.list('column')),
      out: flags.text('out'),
      format: screen === null ? flags.text('format') : undefined,
      force: flags.on('force'),
      ...runOptions(flags, session),
    });
    const { outliers } = await import('../../run/outliers.ts');
    const result = await outliers(options);
    if (screen === null) await session.show(result, () => summaryLines(result));
    else if (screen === 'table') await session.answer(result, (page) => outliersReport(result, page));
    else await session.print(textOf(result, screen === 'csv' ? csvLines : jsonLines), result);
  },
};

/** How the table is printed; `null` where it goes to a file. */
function screenFormat(flags: FlagValues): 'table' | 'csv' | 'jsonl' | null {
  const format = choice({ format: flags.text('format') }, 'format', ['table', ...OUTLIERS_FORMATS]);
  if (flags.text('out') !== undefined) {
    if (format !== 'table') return null;
    throw usageError('--format table is for the screen, and --out names a file: use csv, jsonl or parquet');
  }
  if (format === 'parquet') throw usageError('--format parquet: needs a file; add --out FILE');
  return format ?? (process.stdout.isTTY ? 'table' : 'csv');
}
