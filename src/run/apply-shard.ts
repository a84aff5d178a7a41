import { join } from 'node:path';
import { breathing } from '../breath.ts';
import { withEngine } from '../engines/with-engine.ts';
import { usageError } from '../errors.ts';
import type { ShardApplyOptions } from '../options/options.ts';
import { shardOf } from '../options/shard.ts';
import { validateShardApply } from '../options/validate.ts';
import type { ShardChoice } from '../plan/slices.ts';
import { sealOf } from '../sealed-json.ts';
import { itemOf } from '../shared-list/list.ts';
import { checkNoLinkOut } from '../sinks/free-places.ts';
import { type Staging, withStaging } from '../sinks/staging.ts';
import { checkUnchanged } from '../sources/identity.ts';
import { arraysOfAll } from '../sources/source.ts';
import { type PreparedApply, prepareApply } from './apply.ts';
import { plainOptions } from './finish.ts';
import { outputTable } from './output-dtype.ts';
import { completeOutputs, createOutputs, outputPath, weighingWork } from './outputs.ts';
import { type Timed, weighPass } from './passes.ts';
import {
  type Piece,
  RECORD_FILE,
  RECORD_SCHEMA,
  readRecord,
  SHARDS_FOLDER,
  type ShardRecord,
  shardFolder,
  weightsId,
} from './shard-record.ts';
import type { PassTime } from './summary.ts';

/** What one shard of `apply` was. */
export interface ShardSummary {
  readonly command: 'apply';
  readonly shard: ShardChoice;
  /** The folder of all shards' outputs. */
  readonly out: string;
  /** The folder that holds those of this one until `finish`. */
  readonly folder: string;
  readonly samples: number;
  readonly pieces: readonly Piece[];
  readonly pass: PassTime;
  /** What computed it, in this run or in another. */
  readonly engine?: ShardRecord['engine'];
  /** Only where it was there already, from another run of the shard, and nothing was weighed. */
  readonly wasThere?: true;
}

/**
 * One shard of pass 2: weighs its rows into a folder of its own below `out`, `shards/i-of-n`, which is there when all of it is.
 * It does not matter who else runs the same shard, or another, at the same time. `finish` makes the outputs of all.
 *
 * @throws GhmError with the exit code the command line would end with
 */
export async function applyShard(rawOptions: ShardApplyOptions): Promise<ShardSummary> {
  const prepared = await prepareShard(rawOptions);
  const { options, shard, known } = prepared;
  const folder = join(options.out, SHARDS_FOLDER);
  const name = shardFolder(shard);
  const place = join(folder, name);
  const summary = (record: ShardRecord): ShardSummary => {
    const { samples, pieces, pass, engine } = record;
    return {
      command: 'apply',
      shard,
      out: options.out,
      folder: place,
      samples,
      pieces,
      pass,
      ...(engine && { engine }),
    };
  };
  checkNoLinkOut(options.out, [join(SHARDS_FOLDER, name, RECORD_FILE)]);
  const before = options.force ? null : await sameShard(place, known);
  if (before !== null) return { ...summary(before), wasThere: true };

  return withStaging(folder, async (staging) => {
    const record = await weighShard(staging, prepared, new Date());
    await checkUnchanged(arraysOfAll(prepared.stream.parts), breathing(options.signal));
    await staging.write(RECORD_FILE, `${JSON.stringify(record, null, 2)}\n`);
    if (await staging.finishAs(name, options.force, breathing(options.signal))) return summary(record);
    // another run was faster
    const other = await sameShard(place, known);
    await staging.abandon();
    return { ...summary(other ?? record), wasThere: true };
  });
}

/** What tells shards that belong together from others. */
type Known = Pick<ShardRecord, 'schema' | 'index' | 'of' | 'plan' | 'weights'>;

interface PreparedShard extends PreparedApply {
  readonly shard: ShardChoice;
  readonly known: Known;
}

/** Everything before the first sample is read, and before anything is written. */
export async function prepareShard(rawOptions: ShardApplyOptions): Promise<PreparedShard> {
  const { shard: text, ...options } = validateShardApply(rawOptions);
  const prepared = await prepareApply(options, shardOf(text));
  const { index, of, plan } = prepared.stream.shard ?? { index: 1, of: 1, plan: '' };
  const weights = weightsId(prepared.allWeights, options);
  return { ...prepared, shard: { index, of }, known: { schema: RECORD_SCHEMA, index, of, plan, weights } };
}

/** The record of the shard where it is there; `null` where it is not. @throws usageError where there is another one */
async function sameShard(folder: string, known: Known): Promise<ShardRecord | null> {
  const record = await readRecord(folder);
  if (record === null || Object.entries(known).every(([key, value]) => record[key as keyof Known] === value)) {
    return record;
  }
  throw usageError(`${folder}: exists already, and is of other inputs, weights or formats; use --force to replace it`);
}

async function weighShard(
  staging: Staging,
  { options, stream, weights, known }: PreparedShard,
  started: Date,
): Promise<ShardRecord> {
  for (const warning of stream.warnings) options.onWarning(warning);
  const outputs = await createOutputs(staging, stream, options, options.signal);
  const work = weighingWork(stream, options, outputs, true);
  const { bins } = weights.density;
  const table = outputTable(stream.kind, weights, options.outputDtype);
  const { result, time, engine } =
    stream.samples === 0
      ? NOTHING
      : await withEngine({ ...options, work, plan: stream.memory, bins }, async (engine) => ({
          ...(await weighPass(engine, stream, table, options)),
          engine: engine.facts,
        }));
  const files = await completeOutputs(stream, outputs, options, result);
  const pieces = files.map((file, i) => ({
    ...file,
    output: outputPath(itemOf(stream.parts, i), options),
    ...stream.ranges[i],
  }));
  const record = {
    ...known,
    started: started.toISOString(),
    ...(engine && { engine }),
    pass: time,
    samples: stream.samples,
    pieces,
    options: plainOptions(options),
  };
  return { ...record, sha256: sealOf(record) };
}

const NOTHING: Timed<never[]> & { readonly engine?: undefined } = {
  result: [],
  time: { seconds: 0, samplesPerSecond: 0, bytes: 0 },
};
