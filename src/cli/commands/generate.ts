import { completeGenerate } from '../../generate/options.ts';
import { generateReport } from '../../report/terminal/generate-report.ts';
import type { Command } from '../command.ts';
import type { Flags } from '../flag.ts';
import { folderFlags, outOptions } from '../output-flags.ts';
import { jsonFlag, quietFlag, threadsFlag } from '../run-flags.ts';
import { sampleCount } from '../sample-count.ts';

const group = 'Stream:';

const generateFlags: Flags = {
  samples: { kind: 'value', group, describe: 'required: how many, such as 1e9, 5_000_000, 10M or 1G' },
  seed: { kind: 'value', group, describe: 'the same seed is the same stream (default 0)' },
  form: {
    kind: 'value',
    group,
    describe: 'of the labels: binary (default), one target a sample, or index, one class a row',
  },
  classes: { kind: 'value', group, describe: 'columns C of a row with --form index (default 80)' },
  dtype: { kind: 'value', group, describe: 'of the logits: float32 (default) or float16' },
  'part-samples': { kind: 'value', group, describe: 'most samples of one part (default 67_108_864)' },
  'label-weights': { kind: 'switch', group, describe: 'write label weights too, 2 % of them 0' },
};

/** A synthetic stream. */
export const generate: Command = {
  name: 'generate',
  summary: 'write a realistic long-tailed stream, for trials and benchmarks',
  usage: '--samples N --out DIR [options]',
  about: 'Writes part-00000.logits.npy, part-00000.labels.npy and so on: a stream like that of a one-stage detector.',
  flags: { ...generateFlags, ...folderFlags, ...threadsFlag, ...jsonFlag, ...quietFlag },
  examples: [
    'ghm generate --samples 100M --out dumps',
    "ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' \\",
    '    --out weights',
  ],
  async run(flags, session) {
    const began = performance.now();
    const options = completeGenerate({
      samples: sampleCount(flags.text('samples')),
      seed: flags.number('seed'),
      form: flags.text('form'),
      classes: flags.number('classes'),
      dtype: flags.text('dtype'),
      samplesPerPart: sampleCount(flags.text('part-samples')),
      labelWeights: flags.on('label-weights'),
      threads: flags.number('threads'),
      ...outOptions(flags),
      signal: session.signal,
      onProgress: (done: number, total: number) =>
        session.onStep({ label: 'generate', done, total, elapsed: (performance.now() - began) / 1000 }),
    });
    const { generate } = await import('../../generate/generate.ts');
    const made = await generate(options);
    await session.show(made, () => generateReport(made, options.out, options.labelWeights));
  },
};
