import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runError } from '../errors.ts';
import { type BullmqReweightOptions, validateBullmqReweight } from '../options/bullmq-options.ts';
import { readJson } from '../partial/read.ts';
import { makeFolders, removeEmptyFolders } from '../sinks/make-folders.ts';
import { SUMMARY_FILE } from './finish.ts';
import { absoluteInputs } from './input-lists.ts';
import { passOptions } from './pass-options.ts';
import { prepareReweight } from './reweight.ts';
import { folderOfRun } from './run-folder.ts';
import type { Summary } from './summary.ts';
import { checkSeal, MOST_SUMMARY_BYTES } from './verified-run.ts';

/** Bytes of input that are worth a job of their own. */
const BYTES_A_PART = 2 ** 28;
const MOST_DEFAULT_PARTS = 4096;

/** `reweight` by the workers of a queue: plans, adds the jobs, waits for them, and reads what the last one wrote. */
export async function reweightByWorkers(rawOptions: BullmqReweightOptions): Promise<Summary> {
  const { reweight, redis, queue, parts } = validateBullmqReweight(rawOptions);
  const { options, stream } = await prepareReweight(reweight);
  const { signal, onProgress, onWarning, force } = options;
  for (const warning of stream.warnings) onWarning(warning);
  const { runFlow } = await import('../engines/bullmq/run-flow.ts');

  const out = resolve(options.out);
  const run = nameOfRun();
  const of = parts ?? Math.min(MOST_DEFAULT_PARTS, Math.max(1, Math.ceil(stream.bytes / BYTES_A_PART)));
  const folder = folderOfRun({ out, run });
  const made = makeRunFolder(folder);
  try {
    const { count, weigh } = passOptions(await absoluteInputs(options, folder.path));
    const base = { schema: 'ghm.job/1', run, of, out } as const;
    await runFlow({
      redis,
      queue,
      jobs: {
        finish: { ...base, step: 'finish', options: weigh, force, weighing: false },
        merge: { ...base, step: 'merge' },
        count: (index) => ({ ...base, step: 'count', index, options: count }),
      },
      samples: stream.samples,
      signal,
      onProgress,
      onWarning,
    });
    return await readSummary(join(out, SUMMARY_FILE));
  } finally {
    await rm(folder.path, { recursive: true, force: true, maxRetries: 3 });
    if (made !== undefined) removeEmptyFolders(out, made);
  }
}

/** A name that sorts by time. */
function nameOfRun(): string {
  const time = new Date().toISOString().slice(0, 19).replace(/\D/g, '');
  return `ghm-${time}-${randomBytes(4).toString('hex')}`;
}

/** @returns the topmost folder made above that of the run, if any */
function makeRunFolder({ path, counts, shards }: ReturnType<typeof folderOfRun>): string | undefined {
  try {
    const made = makeFolders(path);
    for (const folder of [counts, shards]) mkdirSync(folder);
    return made === path ? undefined : made;
  } catch (error) {
    throw runError(`--out: cannot be written (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

/** Of the run that a worker has just finished. @throws inputError where it is not as it was written */
async function readSummary(path: string): Promise<Summary> {
  const { json } = await readJson(path, 'the summary.json of a run', MOST_SUMMARY_BYTES);
  checkSeal(json, path);
  return json as Summary;
}
