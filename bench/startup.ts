// What a run costs before it does anything: `ghm --version` against bare Node, and the whole command on 1e6 samples.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, flags } from './arguments.ts';
import { generateFiles, withFolder } from './data.ts';
import { duration, median, race, spread } from './measure.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({ rounds: '15', samples: '1e6', dir: tmpdir() });
const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

function node(args: readonly string[]): number {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')}: ${stderr}`);
  return status;
}

await withFolder(options.dir, async (folder) => {
  const samples = count('samples', options.samples);
  await generateFiles(folder, samples);
  const files = ['--logits', join(folder, 'part-00000.logits.npy'), '--labels', join(folder, 'part-00000.labels.npy')];
  const out = join(folder, 'out');
  const whole = (): number => {
    rmSync(out, { recursive: true, force: true });
    return node([MAIN, 'reweight', ...files, '--out', out, '--quiet']);
  };
  const timings = await race(
    [
      { name: 'node -e 0', run: () => node(['-e', '0']) },
      { name: 'ghm --version', run: () => node([MAIN, '--version']) },
      { name: 'ghm --help', run: () => node([MAIN, '--help']) },
      { name: `ghm reweight, ${samples / 1e6} M samples`, run: whole },
    ],
    count('rounds', options.rounds),
  );
  const [bare] = timings;
  const rows = timings.map((timing) => {
    const more = median(timing.seconds) - median(bare.seconds);
    return [timing.name, duration(median(timing.seconds)), spread(timing), duration(Math.max(0, more))];
  });
  console.log(`## start-up\n\n${machineLines()}\n`);
  console.log(markdownTable(['', 'median', 'min .. max', 'more than bare Node'], rows));
});
