// A day's work in small: many files in one run, and many runs in one process; what the process holds, from start to end.
// See README.md.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { generate } from '../src/generate/generate.ts';
import { count, flags } from './arguments.ts';
import { SEED, withFolder } from './data.ts';
import { type CommandRun, reweightProcess } from './reweight-process.ts';
import { machineLines, markdownTable } from './table.ts';
import { type Usage, usageOf, verdict } from './usage.ts';

const options = flags({ samples: '1e9', shards: '20000', runs: '1000', threads: '2', dir: tmpdir() });
const samples = count('samples', options.samples);
const shards = count('shards', options.shards);
const runs = count('runs', options.runs);
const threads = count('threads', options.threads);

/** Lines of a table. */
const ROWS = 24;
const LOOK_EVERY = 0.1;
/** Of memory, for ten times the samples: buffers are filled once, then used again. */
const MOST_GROWN = 0.25;
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
/** As many of the list as fit in a table, evenly, the last among them. */
const thinned = <T>(list: readonly T[]): T[] => {
  const step = Math.max(1, Math.ceil(list.length / ROWS));
  return list.filter((_, i) => (list.length - 1 - i) % step === 0);
};

console.log(`## ghm under load, seed ${SEED}\n\n${machineLines()}\n`);

/** One run of the command over `samples` samples in as many files as ever, watched. */
async function watched(samples: number): Promise<{ looks: Usage[]; ended: CommandRun }> {
  return withFolder(options.dir, async (folder) => {
    const samplesPerPart = Math.ceil(samples / shards);
    await generate({ samples, out: folder, seed: SEED, samplesPerPart, dtype: 'float16', threads });
    const looks: Usage[] = [];
    const began = performance.now();
    const ended = await reweightProcess(folder, join(folder, 'out'), threads, [], (pid) => {
      const last = looks.at(-1)?.seconds ?? Number.NEGATIVE_INFINITY;
      const usage = (performance.now() - began) / 1000 - last >= LOOK_EVERY ? usageOf(pid, began) : null;
      if (usage !== null) looks.push(usage);
    });
    return { looks, ended };
  });
}

const few = await watched(Math.ceil(samples / 10));
const { looks, ended } = await watched(samples);
const { inputs, density } = ended.summary;
console.log(
  `### ghm reweight of ${inputs.length / 2} files of logits, ${density.total} samples, ${threads} threads, ${ended.seconds.toFixed(1)} s\n`,
);
const rows = thinned(looks).map((look) => [
  look.seconds.toFixed(1),
  mib(look.residentBytes),
  String(look.descriptors),
  String(look.threads),
]);
console.log(`${markdownTable(['seconds', 'resident MiB', 'descriptors', 'threads'], rows)}\n`);
const grown = ended.peakBytes / few.ended.peakBytes - 1;
console.log(
  `most resident: ${mib(ended.peakBytes)} MiB, and ${mib(few.ended.peakBytes)} MiB with a tenth of the samples in as many files: ` +
    `${grown <= MOST_GROWN ? 'flat' : 'GROWS'} in samples (${grown >= 0 ? '+' : ''}${(100 * grown).toFixed(1)} %)`,
);
const most = (list: readonly Usage[]): number => Math.max(...list.map(({ descriptors }) => descriptors));
console.log(`most descriptors: ${most(looks)}, and ${most(few.looks)} with a tenth\n`);

/** What a process held after some of its runs. */
interface Held {
  readonly run: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly threads: number;
  readonly descriptors: number;
  readonly handles: number;
}

await withFolder(options.dir, async (folder) => {
  await generate({ samples: 20_000, out: folder, seed: SEED, samplesPerPart: 10_000, threads });
  const script = fileURLToPath(new URL('many-runs.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', script, folder, String(runs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const held: Held[] = [];
  for await (const line of createInterface({ input: child.stdout })) held.push(JSON.parse(line) as Held);
  console.log(`### ${runs} runs in one process, some failing, some ended\n`);
  const rows = held.map((one) => [
    ...[String(one.run), mib(one.rss), mib(one.heapUsed), mib(one.external)],
    ...[String(one.threads), String(one.descriptors), String(one.handles)],
  ]);
  const head = ['runs', 'resident MiB', 'heap MiB', 'buffers MiB', 'threads', 'descriptors', 'handles'];
  console.log(`${markdownTable(head, rows)}\n`);
  for (const key of ['rss', 'heapUsed', 'external', 'threads', 'descriptors', 'handles'] as const) {
    console.log(`${key}: ${verdict(held.map((one) => one[key]))}`);
  }
  rmSync(folder, { recursive: true, force: true });
});
