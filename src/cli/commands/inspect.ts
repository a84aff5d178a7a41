import { validateInspect } from '../../options/validate.ts';
import { inspectReport } from '../../report/terminal/look-report.ts';
import type { Command } from '../command.ts';
import { jsonFlag } from '../run-flags.ts';

/** What is in files. */
export const inspect: Command = {
  name: 'inspect',
  summary: 'what is in these files, and how they would be read',
  usage: 'FILES.. [--json]',
  about:
    'Shows type, shape and role of each array, and how reweight would read them together. Of COCO results and annotations it counts the entries.',
  flags: jsonFlag,
  takesWords: true,
  examples: [
    'ghm inspect logits.npy labels.npy',
    "ghm inspect 'dumps/*.npy'",
    'ghm inspect results.json instances.json',
  ],
  async run(flags, session) {
    const files = validateInspect(flags.words());
    const { inspect } = await import('../../run/inspect.ts');
    const report = await inspect([...files], { signal: session.signal });
    await session.answer(report, (page) => inspectReport(report, page));
  },
};
