// `ghm reweight` on files in the page cache, against the same reads and writes with no arithmetic. See README.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, flags } from './arguments.ts';
import { generateFiles, SEED, withFolder } from './data.ts';
import { duration, median, ratio, speed, spread, type Timing, times } from './measure.ts';
import { allowedCores } from './pin.ts';
import { type PartPaths, rawIo } from './raw-io.ts';
import { type CommandRun, reweightProcess } from './reweight-process.ts';
import { machineLines, markdownTable } from './table.ts';

const options = flags({
  samples: '5e8',
  rounds: '5',
  threads: '2',
  dir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
});
const samples = count('samples', options.samples);
const rounds = count('rounds', options.rounds);
const threads = count('threads', options.threads);

/** Reads every file once, so that it lies in the page cache. */
function readAll(folder: string, parts: readonly PartPaths[]): void {
  for (const name of readdirSync(folder)) if (name.endsWith('.npy')) readFileSync(join(folder, name));
  if (parts.length === 0) throw new Error('nothing was generated');
}

function partsOf(folder: string, perPart: number): PartPaths[] {
  const logits = readdirSync(folder).filter((name) => name.endsWith('.logits.npy'));
  return logits.sort().map((name, part) => ({
    logits: join(folder, name),
    labels: join(folder, name.replace('.logits.', '.labels.')),
    samples: Math.min(perPart, samples - part * perPart),
  }));
}

console.log(`## ghm reweight, ${samples / 1e6} M samples, ${threads} threads, seed ${SEED}, files in ${options.dir}\n`);
console.log(`${machineLines()}\n`);

await withFolder(options.dir, async (folder) => {
  const perPart = 2 ** 26;
  await generateFiles(folder, samples, perPart);
  const parts = partsOf(folder, perPart);
  const runs: CommandRun[] = [];
  const raw: { seconds: number; flush: number }[] = [];
  for (let round = -1; round < rounds; round++) {
    readAll(folder, parts);
    const out = join(folder, 'out');
    // each writes new files: replacing pages that are there would be another work
    const run = await reweightProcess(folder, out, threads);
    rmSync(out, { recursive: true });
    mkdirSync(out);
    const began = performance.now();
    const { flush } = await rawIo(parts, out, threads);
    const seconds = (performance.now() - began) / 1000;
    rmSync(out, { recursive: true });
    if (round < 0) continue;
    runs.push(run);
    raw.push({ seconds, flush });
  }
  const series = (name: string, seconds: readonly number[]): Timing => ({ name, seconds });
  const ghm = series(
    'ghm reweight, start to end',
    runs.map(({ seconds }) => seconds),
  );
  const limit = series(
    'the same reads and writes alone',
    raw.map(({ seconds }) => seconds),
  );
  const passOne = series(
    'of ghm: pass 1',
    runs.map(({ summary }) => summary.passes.count?.seconds ?? 0),
  );
  const passTwo = series(
    'of ghm: pass 2',
    runs.map(({ summary }) => summary.passes.weigh?.seconds ?? 0),
  );
  const rest = runs.map(({ seconds }, i) => seconds - passOne.seconds[i] - passTwo.seconds[i]);
  const timings = [
    limit,
    ghm,
    passOne,
    passTwo,
    series('of ghm: start, flush, report, end', rest),
    series(
      'of the reads and writes: flush',
      raw.map(({ flush }) => flush),
    ),
  ];
  const rows = timings.map((timing) => {
    const { ofMedians, ofRounds } = ratio(timing, limit);
    return [
      timing.name,
      duration(median(timing.seconds)),
      spread(timing),
      speed(samples, timing),
      times(ofMedians),
      times(ofRounds),
    ];
  });
  const head = ['', 'median', 'min .. max', 'samples', 'time / reads and writes', 'of rounds'];
  console.log(`${markdownTable(head, rows)}\n`);
  const peak = Math.max(...runs.map(({ peakBytes }) => peakBytes));
  console.log(`peak resident memory of ghm: ${(peak / 2 ** 20).toFixed(0)} MiB; cores ${allowedCores()}`);
});
