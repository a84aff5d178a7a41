import { validateReport } from '../../options/report-options.ts';
import { reportLines } from '../../report/terminal/report-lines.ts';
import type { Command } from '../command.ts';
import { densityOptions, methodFlag, partialBinsFlag, weightFlags } from '../density-flags.ts';
import { fileFlags, outOptions } from '../output-flags.ts';
import { jsonFlag, quietFlag } from '../run-flags.ts';
import { momentumFlags, momentumOptions } from '../set-flags.ts';

const group = 'Report:';

/** Figures and tables of what was counted. */
export const report: Command = {
  name: 'report',
  summary: "the paper's figures for your data, of one run or two",
  usage: 'FILE|DIR [FILE|DIR] --out report.html [options]',
  about:
    'Draws a partial, a density.json or the output folder of a run as one HTML file that needs no network, or single figures as images, or their numbers. Given two, it compares them: before and after training, say. Partials are drawn finest: a density.json has no cells, so positives and negatives apart and the share of the gradient are left out. A density.json takes no options for its density.',
  flags: {
    ...fileFlags,
    format: {
      kind: 'value',
      group,
      describe: 'html, svg, png (needs npm install @napi-rs/canvas) or json (default: by the ending of --out)',
    },
    figure: {
      kind: 'value',
      group,
      describe: 'the one to draw as svg or png: distribution, contribution, weight, reformulation, groups or batches',
    },
    ...methodFlag,
    ...partialBinsFlag,
    ...weightFlags,
    ...momentumFlags,
    ...jsonFlag,
    ...quietFlag,
  },
  takesWords: true,
  examples: [
    'ghm report all.ghm --out report.html',
    'ghm report epoch1.ghm epoch12.ghm --out before-and-after.html',
    'ghm report all.ghm --bins 10 --figure contribution --out contribution.svg',
    'ghm report weights --out figures.json',
  ],
  async run(flags, session) {
    const options = validateReport({
      files: flags.words(),
      method: flags.text('method'),
      format: flags.text('format'),
      figure: flags.text('figure'),
      ...densityOptions(flags),
      ...momentumOptions(flags),
      ...outOptions(flags),
      signal: session.signal,
    });
    const { report } = await import('../../run/report.ts');
    const made = await report(options);
    await session.show(made, () => reportLines(made));
  },
};
