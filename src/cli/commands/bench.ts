import { completeBench } from '../../bench/options.ts';
import { TENSOR_ENGINES } from '../../options/engines.ts';
import { benchReport } from '../../report/terminal/bench-report.ts';
import { printable } from '../../report/terminal/printable.ts';
import type { Command } from '../command.ts';
import type { Flags, FlagValues } from '../flag.ts';
import { jsonFlag, quietFlag } from '../run-flags.ts';
import { sampleCount } from '../sample-count.ts';

const what = 'Measurement:';
const to = 'Output:';

const benchFlags: Flags = {
  quick: { kind: 'switch', group: what, describe: 'in some 10 seconds: 25M samples, 3 runs, fewer thread counts' },
  threads: { kind: 'value', group: what, describe: 'numbers of threads, such as 1,2,4 (default: 1 to the cores)' },
  samples: {
    kind: 'value',
    group: what,
    describe: 'of the stream, such as 100M (default: twice the caches, 67M to 201M)',
  },
  bins: { kind: 'value', group: what, describe: 'unit regions M, 1 to 10000 (default 30)' },
  runs: { kind: 'value', group: what, describe: 'that are measured (default 5, --quick 3)' },
  warmup: { kind: 'value', group: what, describe: 'runs before those (default 1)' },
  seed: { kind: 'value', group: what, describe: 'the same seed is the same stream (default 0)' },
  dir: { kind: 'value', group: what, describe: 'where the temporary folder is made (default: that of the system)' },
  engine: {
    kind: 'value',
    group: what,
    describe: 'measure tensors beside the kernels, on 1M samples: tfjs or tfjs-node',
    choices: TENSOR_ENGINES,
  },
  'export-json': { kind: 'value', group: to, describe: 'write what --json prints to this file' },
  'export-markdown': { kind: 'value', group: to, describe: 'write the tables to this file' },
  'export-svg': { kind: 'value', group: to, describe: 'draw the speed-up into this file' },
  force: { kind: 'switch', group: to, describe: 'replace files that exist' },
};

/** Throughput of this machine. */
export const bench: Command = {
  name: 'bench',
  summary: 'throughput on this machine, from one thread to all cores',
  usage: '[options]',
  about:
    'Measures counting and weighing in cache, in memory and from files, at several numbers of threads, beside what the machine reads, copies and writes at best. Results are checked before a time is kept. Files are temporary.',
  flags: { ...benchFlags, ...jsonFlag, ...quietFlag },
  examples: [
    'ghm bench --quick',
    'ghm bench --threads 1,2,4,8 --export-svg speed-up.svg',
    'ghm bench --dir /dev/shm --json',
    'ghm bench --quick --engine tfjs',
  ],
  async run(flags, session) {
    const options = completeBench({
      quick: flags.on('quick'),
      threads: threadList(flags),
      samples: sampleCount(flags.text('samples')),
      bins: flags.number('bins'),
      runs: flags.number('runs'),
      warmup: flags.number('warmup'),
      seed: flags.number('seed'),
      dir: flags.text('dir'),
      engine: flags.text('engine'),
      signal: session.signal,
      onProgress: ({ stage, ...step }: { readonly stage: string; done: number; total: number; elapsed: number }) =>
        session.onStep({ label: stage, ...step }),
      onWarning: session.onWarning,
    });
    const files = {
      exportJson: flags.text('export-json'),
      exportMarkdown: flags.text('export-markdown'),
      exportSvg: flags.text('export-svg'),
    };
    const { checkExports, writeExports } = await import('../../bench/exports.ts');
    const exports = checkExports(files, flags.on('force'), options.threads);
    const { bench } = await import('../../bench/bench.ts');
    const report = await bench(options);
    const written = await writeExports(report, exports, flags.on('force'));
    await session.show(report, (page) => [
      ...benchReport(report, page),
      ...written.map((file) => `wrote ${printable(file)}`),
    ]);
  },
};

/** `1,2,4` as numbers; what is no number stays text, for the message about it. */
function threadList(flags: FlagValues): readonly (number | string)[] | undefined {
  return flags
    .text('threads')
    ?.split(',')
    .map((word) => (/^\d+$/.test(word.trim()) ? Number(word) : word));
}
