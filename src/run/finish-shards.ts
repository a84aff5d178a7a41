import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { breathing } from '../breath.ts';
import { ExitCode, GhmError, inputError } from '../errors.ts';
import type { CompleteApplyOptions, CompleteFinishOptions } from '../options/complete-options.ts';
import type { FinishOptions } from '../options/options.ts';
import { setRequest } from '../options/set-options.ts';
import { validateApply, validateFinish, validateReweight } from '../options/validate.ts';
import { sealOf } from '../sealed-json.ts';
import { makeMark } from '../sinks/flush.ts';
import { checkNoneExists } from '../sinks/free-places.ts';
import { outputSuffix } from '../sinks/output-suffix.ts';
import { removeFolder, removeLeftover } from '../sinks/remove-folder.ts';
import { type Staging, withStaging } from '../sinks/staging.ts';
import { checkOutputPlace } from '../sources/output-place.ts';
import { resolveParts } from '../sources/parts.ts';
import { readWeights, type WeightsRead } from './apply.ts';
import { assemblePieces } from './assemble-pieces.ts';
import { beginReport, finishRun, outputPaths, preloadReport, SUMMARY_FILE } from './finish.ts';
import { planId } from './plan-id.ts';
import { readRecords, SHARDS_FOLDER, type ShardRecord, weightsId } from './shard-record.ts';
import type { PassTime, Summary } from './summary.ts';
import { digestOfRun, readSummary } from './with-run.ts';

/**
 * The last step of a run in shards: sees that all of them are there and belong together, puts their outputs in place, and
 * writes density.json, summary.json and report.html. Where the density was a partial, all is as `reweight` writes it, byte for
 * byte but for times. The shards are removed when everything is in place.
 *
 * Runs in the working directory of the shards, as inputs are looked at again. What is finished is left as it is.
 *
 * @throws GhmError with the exit code the command line would end with; 3 where a shard is missing
 */
export async function finish(rawOptions: FinishOptions): Promise<Summary> {
  const given = validateFinish(rawOptions);
  const there = namesIn(given.out);
  try {
    return (await finishedBefore(given)) ?? (await finishShards(given.out, given));
  } catch (error) {
    const isStopped = error instanceof GhmError && error.exitCode === ExitCode.interrupted;
    if (isStopped || namesIn(given.out) === there) throw error;
    // another run puts its outputs in place, the same ones
    for (let waits = 0; waits < MOST_WAITS; waits++) {
      const finished = await finishedBefore(given);
      if (finished !== null) return finished;
      await setTimeout(WAIT_MS);
    }
    throw error;
  }
}

const MOST_WAITS = 100;
const WAIT_MS = 100;

/** What is in a folder, but for what is hidden. */
const namesIn = (folder: string): string =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .join('/')
    : '';

/** The summary of a run that is finished: no shards are left, and it is whole. */
async function finishedBefore({ out, onWarning }: CompleteFinishOptions): Promise<Summary | null> {
  const shards = join(out, SHARDS_FOLDER);
  if (existsSync(shards) || !existsSync(join(out, SUMMARY_FILE))) return null;
  const summary = readSummary(out);
  const { sha256, ...sealed } = summary;
  if (sealOf(sealed) !== sha256) return null;
  await removeLeftover(shards);
  onWarning(`${out}: was finished before, nothing is left to do`);
  return summary;
}

/** As `finish`, of the shards that lie in another folder than that of the outputs. */
export async function finishShards(folder: string, given: CompleteFinishOptions): Promise<Summary> {
  const { out } = given;
  const breathe = breathing(given.signal);
  const records = await readRecords(folder, breathe);
  const [first] = records;
  const options = optionsOf(first, given);
  const read = await readWeights(options);
  const sets = read.sets?.request ?? null;
  const { parts, samples, warnings } = await resolveParts(options, process.cwd(), sets, breathe);
  checkUnchanged(
    first,
    { plan: planId(parts, first.of, options, sets), weights: weightsId(read.weighed, options) },
    folder,
  );
  await checkOutputPlace(out, parts, options, outputSuffix(options), breathe);
  const begun = join(folder, SHARDS_FOLDER, BEGUN_FILE);
  await checkNoneExists(out, outputPaths({ parts }, options), options.force || existsSync(begun), breathe);
  for (const warning of warnings) given.onWarning(warning);
  preloadReport();

  const shards = join(folder, SHARDS_FOLDER);
  const use = async (staging: Staging): Promise<Summary> => {
    const weights = await assemblePieces(staging, parts, { folder, records }, options);
    const { density } = read.weighed;
    const { command, shown } = asReweight(options, read);
    const known = {
      command,
      started: new Date(records.map(({ started }) => started).sort()[0]),
      stream: { parts, samples, warnings },
      density,
      counts: read.given.kind === 'counts' ? read.given.counts : null,
    } as const;
    const densityFile = command === 'apply' && { densityFile: { path: options.density, ...read.given.file } };
    const report = beginReport(known, shown);
    const [engine] = records.flatMap((record) => record.engine ?? []);
    const ran = {
      ...(engine && { engine }),
      ...(command === 'reweight' && { digest: digestOfRun(command, parts, shown) }),
    };
    const run = {
      ...known,
      ...ran,
      ...densityFile,
      report,
      besides: [],
      weights,
      passes: { weigh: sumOf(records, samples) },
    };
    const summary = await finishRun(staging, run, shown);
    // whole, or gone by another finish of them
    await removeFolder(shards);
    return summary;
  };
  // from then on outputs get their names, and another finish of these shards may replace them
  const onWhole = () => makeMark(begun);
  try {
    // what a finish that was killed has left goes with the shards
    return await withStaging(out, use, { above: shards, onWhole });
  } catch (error) {
    if (!(error instanceof GhmError) || error.exitCode !== ExitCode.interrupted || !existsSync(begun)) throw error;
    throw new GhmError(error.exitCode, 'interrupted; the same command goes on from there', { cause: error });
  }
}

/** Is among the shards when a finish of theirs has begun to give outputs their names. */
const BEGUN_FILE = '.finish-begun';

/** The options of the shards, as one run would have had them. */
function optionsOf(
  { options }: ShardRecord,
  { out, force, signal, onProgress, onWarning }: CompleteFinishOptions,
): CompleteApplyOptions {
  const ownForce = force || options.force === true;
  return validateApply({ ...options, out, force: ownForce, signal, onProgress, onWarning });
}

function checkUnchanged(record: ShardRecord, now: Pick<ShardRecord, 'plan' | 'weights'>, folder: string): void {
  if (now.plan !== record.plan) {
    throw inputError(
      `${folder}: the inputs changed since its shards were weighed, or were copied without their times; make the shards again ` +
        'with ghm apply --shard --force',
    );
  }
  if (now.weights !== record.weights) {
    throw inputError(
      `${String(record.options.density)}: changed since the shards of ${folder} were weighed by it; make them again with ghm apply ` +
        '--shard --force',
    );
  }
}

/** What the run is called, and its options: those of `reweight` where it did what that does, in steps. */
function asReweight(
  options: CompleteApplyOptions,
  { given, sets }: WeightsRead,
): { command: Summary['command']; shown: CompleteApplyOptions | ReturnType<typeof validateReweight> } {
  if (given.kind === 'density' || (options.bins ?? given.counts.bins) !== given.counts.bins) {
    return { command: 'apply', shown: options };
  }
  const { method = 'unit-region', density: _, ...same } = options;
  const { request } = sets ?? { request: setRequest(options) };
  const isByColumn = request?.kind === 'batches' && request.by === 'column';
  const chosen = {
    group: request?.kind === 'groups' ? request.column : undefined,
    batch:
      request?.kind !== 'batches'
        ? undefined
        : request.by === 'rows'
          ? `rows:${request.rows}`
          : `column:${request.column}`,
    batchSize: isByColumn ? request.size : undefined,
  };
  const windowBits = method === 'window' ? given.counts.fine?.bits : undefined;
  const shown = validateReweight({ ...same, ...chosen, density: method, windowBits, bins: given.counts.bins });
  return { command: 'reweight', shown };
}

function sumOf(records: readonly ShardRecord[], samples: number): PassTime {
  const sum = (pick: (pass: PassTime) => number) => records.reduce((total, { pass }) => total + pick(pass), 0);
  const seconds = sum((pass) => pass.seconds);
  return { seconds, samplesPerSecond: samples / seconds, bytes: sum((pass) => pass.bytes) };
}
