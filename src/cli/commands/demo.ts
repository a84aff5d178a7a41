import { validateDemo } from '../../options/validate.ts';
import { runReport } from '../../report/terminal/run-report.ts';
import type { Command } from '../command.ts';
import { forceFlag, outOptions } from '../output-flags.ts';
import { jsonFlag, poolFlags, quietFlag, runOptions } from '../run-flags.ts';

/** The main job on the sample of the package. */
export const demo: Command = {
  name: 'demo',
  summary: 'the main job on a small real sample, shipped with ghm',
  usage: '[options]',
  about: 'Runs reweight on the predictions of a real detector, shipped with the package, and shows what comes out.',
  flags: {
    out: { kind: 'value', group: 'Output:', describe: 'the folder to write into (default: a temporary one)' },
    ...forceFlag,
    ...poolFlags,
    ...jsonFlag,
    ...quietFlag,
  },
  examples: ['ghm demo', 'ghm demo --out demo-weights'],
  async run(flags, session) {
    const options = validateDemo({ ...outOptions(flags), ...runOptions(flags, session) });
    const { demo } = await import('../../run/demo.ts');
    const summary = await demo(options);
    await session.show(summary, (page) => runReport(summary, page));
  },
};
