// The same samples, counted and weighed by ghm and by other tools, side by side. See README.md.
import { existsSync, mkdirSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, counts, flags } from './arguments.ts';
import { SEED, withFolder } from './data.ts';
import { contest, type Entry, type Files, makeFiles, printContest, skip } from './peers/contest.ts';
import { COUNTING, GHM, SLOW, WHOLE_JOB } from './peers/names.ts';
import { LoadedPeer, type PeerName, runGhm, runPeer } from './peers/peer-process.ts';
import { allowedCores, tasksetPrefix } from './pin.ts';
import { machineLines } from './table.ts';

const options = flags({
  samples: '40M',
  'job-samples': '100M',
  'slow-samples': '4M',
  bins: '30',
  rounds: '3',
  threads: '1,2',
  dir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir(),
  only: '',
});
const samples = count('samples', options.samples);
const jobSamples = count('job-samples', options['job-samples']);
const slowSamples = count('slow-samples', options['slow-samples']);
const bins = count('bins', options.bins);
const rounds = count('rounds', options.rounds);
const threadCounts = counts('threads', options.threads).filter((threads) => threads <= cpus().length);

const wanted = ({ label }: PeerName): boolean =>
  options.only === '' || options.only.split(',').some((part) => label.toLowerCase().includes(part.toLowerCase()));

/** Every tool with the samples in its memory, on one core; the first round warms up. */
async function inMemory(full: Files, small: Files): Promise<void> {
  const loaded: LoadedPeer[] = [];
  const entries: Entry[] = [];
  for (const name of [GHM, ...COUNTING.filter(wanted)]) {
    const files = SLOW.includes(name) ? small : full;
    const result = await LoadedPeer.start(name, { ...files.job, threads: 1 });
    if ('skip' in result) {
      skip(name.label, result.skip);
    } else {
      loaded.push(result.peer);
      entries.push({ label: name.label, files, run: () => result.peer.count() });
    }
  }
  try {
    const results = await contest(entries, full.samples, rounds, 1);
    console.log(`\ntools: ${[...new Set(loaded.map(({ tool }) => tool))].join('; ')}\n`);
    printContest(`Counting ${full.samples / 1e6} M samples in memory, one thread`, results, full.samples);
  } finally {
    for (const one of loaded) await one.stop();
  }
}

/** Every tool in a process of its own, from its start to its end. */
async function wholeJob(full: Files, small: Files, tiny: Files, threads: number): Promise<void> {
  const job = { ...full.job, threads };
  const ghm = {
    label: 'ghm reweight',
    files: full,
    run: async () => ({ ...(await runGhm(job)), counts: full.counts }),
  };
  const others = WHOLE_JOB.filter(wanted).map((name): Entry => {
    const run = (files: Files) => () => runPeer(name, { ...files.job, threads });
    if (!SLOW.includes(name)) return { label: name.label, files: full, run: run(full) };
    return { label: name.label, files: small, run: run(small), start: run(tiny) };
  });
  const results = await contest([ghm, ...others], full.samples, rounds, 0);
  const cores = threads === 1 ? 'one core' : `${threads} cores`;
  printContest(
    `The whole job on ${full.samples / 1e6} M samples, ${cores}: read, count, weigh, write`,
    results,
    full.samples,
  );
}

console.log(`## ghm and other tools, M = ${bins}, seed ${SEED}, ${rounds} rounds, files in ${options.dir}\n`);
console.log(machineLines());
const pinned = tasksetPrefix(1).length > 0;
console.log(`${pinned ? `each tool pinned with taskset to the first of the cores ${allowedCores()}` : 'not pinned'}\n`);

await withFolder(options.dir, async (folder) => {
  const make = (name: string, n: number): Promise<Files> => {
    mkdirSync(join(folder, name));
    return makeFiles(join(folder, name), n, bins, Math.max(...threadCounts));
  };
  const small = await make('slow', slowSamples);
  await inMemory(await make('memory', samples), small);
  const full = await make('job', jobSamples);
  const tiny = await make('tiny', 65_536);
  for (const threads of threadCounts) await wholeJob(full, small, tiny, threads);
});
