// Runs of the library in one process, one after the other, and what the process holds after each. See load.ts.
import { readdirSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { apply, histogram, merge, reweight, verify } from '../dist/src/index.js';

const [, , folder, runs] = process.argv;
const stream = { logits: `${folder}/*.logits.npy`, labels: `${folder}/*.labels.npy`, threads: 2 };
const out = `${folder}/out`;
const partial = `${folder}/p.ghm`;

/** One of each in turn: runs that end well, that fail on bad data, and that are ended. */
const kinds = [
  () => reweight({ ...stream, out }),
  () => reweight({ ...stream, out, density: 'window', format: 'npz' }),
  () => histogram({ ...stream, out: partial }).then(() => merge({ partials: partial, out: `${folder}/q.ghm` })),
  () => apply({ ...stream, density: `${folder}/given.ghm`, out }).then(() => verify({ files: out })),
  () => reweight({ ...stream, out, labelFormat: 'index', backgroundLabel: 7 }).catch(expected(2, 3)),
  () => reweight({ ...stream, out, signal: AbortSignal.timeout(30) }).catch(expected(130)),
];

function expected(...exitCodes) {
  return (error) => {
    if (!exitCodes.includes(error.exitCode)) throw error;
  };
}

async function report(run) {
  // the threads of the last run are gone, and what they shared
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await setTimeout(30);
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const held = {
    run,
    rss,
    heapUsed,
    external: external + arrayBuffers,
    threads: readdirSync('/proc/self/task').length,
    descriptors: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().length,
  };
  process.stdout.write(`${JSON.stringify(held)}\n`);
}

await histogram({ ...stream, out: `${folder}/given.ghm` });
// always after the last of the kinds
const every = kinds.length * Math.max(1, Math.floor(runs / 24 / kinds.length));
for (let run = 0; run < Number(runs); run++) {
  await kinds[run % kinds.length]();
  for (const path of [out, partial, `${folder}/q.ghm`]) rmSync(path, { recursive: true, force: true });
  if ((run + 1) % every === 0) await report(run + 1);
}
