import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompleteHistogramOptions } from '../options/complete-options.ts';
import type { ReweightOptions } from '../options/options.ts';
import { validateApply, validateHistogram } from '../options/validate.ts';
import { readWeights } from '../run/apply.ts';
import { countedThere, openToCount } from '../run/histogram.ts';
import { readRecord, SHARDS_FOLDER, shardFolder, weightsId } from '../run/shard-record.ts';
import type { Stream } from '../run/stream.ts';
import type { StepPlaces } from './step-words.ts';

/** Shards that have still to be counted and weighed, and whether counts have to be merged. */
export interface Missing {
  readonly count: readonly number[];
  readonly merge: boolean;
  readonly weigh: readonly number[];
}

/** Everything. */
export const allMissing = (parts: number): Missing => ({ count: all(parts), merge: true, weigh: all(parts) });

const all = (parts: number): number[] => Array.from({ length: parts }, (_, i) => i + 1);

/**
 * What is missing of a run in shards whose inputs are as they are now. Shards of other inputs, options or weights are
 * removed: they are to be made again.
 */
export async function missingOfRun(run: ReweightOptions, parts: number, places: StepPlaces): Promise<Missing> {
  const shards = join(run.out, SHARDS_FOLDER);
  const options = countOptions(run, places.sum, parts);
  const stream = await openToCount(options);
  const count = await missingCounts(stream, options, parts, places);
  if (count.length > 0) {
    for (const path of [places.sum, shards]) await rm(path, { recursive: true, force: true });
  }
  if (!existsSync(places.sum)) return { count, merge: true, weigh: all(parts) };
  const plan = stream.shard?.plan ?? '';
  return { count, merge: false, weigh: await missingWeights(run, { parts, plan }, places, shards) };
}

async function missingCounts(
  stream: Stream,
  options: CompleteHistogramOptions,
  parts: number,
  { counts }: StepPlaces,
): Promise<number[]> {
  const fileOf = (index: number): string => join(counts, `${index}.ghm`);
  const missing: number[] = [];
  for (const index of all(parts)) {
    const shard = stream.shard && { ...stream.shard, index };
    if ((await countedThere({ ...stream, shard }, { ...options, out: fileOf(index) })) !== null) continue;
    missing.push(index);
    await rm(fileOf(index), { force: true });
  }
  return missing;
}

/** The options of the step that counts, of those of the run. */
function countOptions(run: ReweightOptions, out: string, parts: number): CompleteHistogramOptions {
  const { normalize, epsilon, maxWeight, meanOne, focalGamma, focalAlpha, momentum, biasCorrection, ...rest } = run;
  const { format, outputDtype, keep, force, ...counted } = rest;
  return validateHistogram({ ...counted, out, shard: `1/${parts}` });
}

async function missingWeights(
  run: ReweightOptions,
  { parts, plan }: { readonly parts: number; readonly plan: string },
  { sum }: StepPlaces,
  shards: string,
): Promise<number[]> {
  const { density: method, windowBits: _, bins: __, ...rest } = run;
  const options = validateApply({ ...rest, method, density: sum });
  const read = await readWeights(options);
  const weights = weightsId(read.weighed, options);
  const missing: number[] = [];
  for (const index of all(parts)) {
    const folder = join(shards, shardFolder({ index, of: parts }));
    const record = await readRecord(folder).catch(() => null);
    if (record !== null && record.plan === plan && record.weights === weights) continue;
    missing.push(index);
    await rm(folder, { recursive: true, force: true });
  }
  return missing;
}
