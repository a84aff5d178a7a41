import { usageError } from '../../errors.ts';
import { validateFinish } from '../../options/validate.ts';
import { runReport } from '../../report/terminal/run-report.ts';
import type { Command } from '../command.ts';
import { forceFlag } from '../output-flags.ts';
import { jsonFlag, quietFlag } from '../run-flags.ts';

/** The last step of a run in shards. */
export const finish: Command = {
  name: 'finish',
  summary: 'the last step of a run in shards: one output folder of all of them',
  usage: 'DIR [options]',
  about:
    'Sees that DIR holds all shards of ghm apply --shard i/n and that they belong together, puts their weights in place, and writes density.json, summary.json and report.html: what one ghm reweight writes, byte for byte but for times. Run it where the shards were run, as it looks at the headers of the inputs again.',
  flags: { ...forceFlag, ...jsonFlag, ...quietFlag },
  takesWords: true,
  examples: [
    'ghm finish weights   # after these, the shards on any machines, in any order:',
    'for i in 1 2 3; do ghm histogram --shard $i/3 dumps --out counts/$i.ghm; done',
    'ghm merge counts --out all.ghm',
    'for i in 1 2 3; do',
    '  ghm apply --shard $i/3 --density all.ghm dumps --out weights',
    'done',
  ],
  async run(flags, session) {
    const [out, more] = flags.words() ?? [];
    if (more !== undefined) throw usageError(`finish: expected one folder, found ${out} and ${more}`);
    const { signal, onProgress, onWarning } = session;
    const options = validateFinish({ out, force: flags.on('force'), signal, onProgress, onWarning });
    const { finish } = await import('../../run/finish-shards.ts');
    const summary = await finish(options);
    await session.show(summary, (page) => runReport(summary, page));
  },
};
