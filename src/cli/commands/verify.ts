import { inputError } from '../../errors.ts';
import { type VerifyProgress, validateVerify } from '../../options/verify-options.ts';
import { verifyReport } from '../../report/terminal/verify-report.ts';
import type { Command } from '../command.ts';
import { jsonFlag, quietFlag } from '../run-flags.ts';

const MOST_SHOWN = 20;

/** Whether outputs are as they were written. */
export const verify: Command = {
  name: 'verify',
  summary: 'whether outputs are as they were written, and what made them',
  usage: 'DIR|FILE.. [options]',
  about:
    'Compares every file of an output folder with the checksum that summary.json has of it, and summary.json and partials with their own. Says which inputs, options and version made them. Exit code 0: all is as written; 3: a file is damaged or missing, named on standard error with what was expected and found.',
  flags: { ...jsonFlag, ...quietFlag },
  takesWords: true,
  examples: ['ghm verify weights', 'ghm verify day1.ghm day2.ghm', 'ghm verify weights --json | jq .verified[0].run'],
  async run(flags, session) {
    const options = validateVerify({
      files: flags.words(),
      signal: session.signal,
      onProgress: (progress: VerifyProgress) => session.onStep({ label: 'verify', unit: 'bytes', ...progress }),
    });
    const { verify } = await import('../../run/verify.ts');
    const report = await verify(options);
    await session.show(report, () => verifyReport(report));
    const { damage } = report;
    if (damage.length === 0) return;
    const more = damage.length - MOST_SHOWN;
    throw inputError([
      ...damage.slice(0, MOST_SHOWN).map(({ message }) => message),
      ...(more > 0 ? [`and ${more} more; --json lists all`] : []),
      'copy what is damaged again from where it was written, or run the command again with --force',
    ]);
  },
};
