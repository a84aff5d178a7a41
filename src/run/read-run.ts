import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Breathe } from '../breath.ts';
import { inputError } from '../errors.ts';
import type { CompleteMomentumOptions, GivenDensityOptions } from '../options/complete-options.ts';
import { packageVersion } from '../package-files.ts';
import { readCountsOrDensity, readJson } from '../partial/read.ts';
import { type ReportInput, SHOWN_INPUTS } from '../report/html/report-input.ts';
import { setsOf } from './apply-sets.ts';
import { givenDensity } from './given-density.ts';

/** summary.json lists every file of a run. */
const MOST_SUMMARY_BYTES = 2 ** 30;

/**
 * What a report shows of a partial, a density.json, or the output folder of a run, whose summary.json says how it went.
 *
 * @throws inputError naming the file that is not what it has to be
 */
export async function readRun(
  path: string,
  options: GivenDensityOptions & CompleteMomentumOptions,
  breathe: Breathe,
): Promise<ReportInput> {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  if (isFolder && !existsSync(join(path, 'density.json'))) {
    throw inputError(`${path}: has no density.json; expected the output folder of ghm reweight or ghm apply`);
  }
  const file = isFolder ? join(path, 'density.json') : path;
  const given = await readCountsOrDensity(file, breathe);
  // a density.json has what is known of its batches, too
  if (given.kind === 'counts') setsOf(given, { ...options, ...NO_SETS, density: file });
  const { density } = await givenDensity(given, { ...options, density: file }, breathe);
  const input = {
    density,
    counts: given.kind === 'counts' ? given.counts : null,
    title: `GHM report: ${basename(resolve(path))}`,
    name: basename(resolve(path)),
  };
  const summary = isFolder ? await readSummary(join(path, 'summary.json'), breathe) : undefined;
  if (summary !== undefined) return { ...input, ...summary };
  const from = given.kind === 'counts' ? 'counts of a partial' : 'a density.json';
  return {
    ...input,
    command: `ghm report, from ${from}`,
    inputs: { count: 0, first: [] },
    options: {},
    version: packageVersion(),
    time: '',
    warnings: [],
  };
}

/** Those of the file. */
const NO_SETS = { batch: undefined, batchSize: undefined, group: undefined } as const;

/** `undefined` where there is none. */
async function readSummary(
  path: string,
  breathe: Breathe,
): Promise<Omit<ReportInput, 'density' | 'counts' | 'title' | 'name'> | undefined> {
  if (!existsSync(path)) return undefined;
  const { summarySchema } = await import('./summary-schema.ts');
  const { json } = await readJson(path, 'the summary.json of a run', MOST_SUMMARY_BYTES, breathe);
  await breathe();
  const parsed = summarySchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw inputError(`${path}: not a valid summary.json: ${issue.path.join('.')}: ${issue.message}`);
  }
  const { command, version, started, options, inputs, passes, warnings } = parsed.data;
  return {
    command: `ghm ${command}`,
    inputs: {
      count: inputs.length,
      first: inputs.slice(0, SHOWN_INPUTS).map(({ path: name, shape, dtype }) => ({ name, shape, dtype })),
    },
    options,
    version,
    time: started,
    ...(passes.weigh && { samplesPerSecond: passes.weigh.samplesPerSecond }),
    warnings,
  };
}
