import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Breathe } from '../breath.ts';
import type { WeighedDensity } from '../density/counted-sets.ts';
import type { EngineFacts } from '../engines/engine.ts';
import { inputError } from '../errors.ts';
import { describeMissing } from '../partial/merge-shards.ts';
import { readJson } from '../partial/read.ts';
import { sealOf } from '../sealed-json.ts';
import type { Row } from '../sources/source.ts';
import { densityJson } from './density-json.ts';
import type { KeepOptions } from './keep.ts';
import type { PassTime } from './summary.ts';

/** Where shards lie in the output folder of all, each in a folder of its own, until they are finished. */
export const SHARDS_FOLDER = 'shards';
/** What is said of a shard, in its folder. */
export const RECORD_FILE = 'shard.json';
export const RECORD_SCHEMA = 'ghm.shard/1';

/** Name of the folder of a shard. */
export const shardFolder = ({ index, of }: { readonly index: number; readonly of: number }): string =>
  `${index}-of-${of}`;

/** Rows of one output that a shard wrote. */
export interface Piece {
  /** Below the folder of the shard: the path of the output, with `.rows` behind it where it is not all of it. */
  readonly path: string;
  readonly output: string;
  readonly firstRow: Row;
  readonly endRow: Row;
  readonly bytes: number;
  readonly crc32: string;
}

/** What a shard is, and what it wrote. */
export interface ShardRecord {
  readonly schema: typeof RECORD_SCHEMA;
  readonly index: number;
  readonly of: number;
  /** Says which stream was cut how. */
  readonly plan: string;
  /** Says which weights were written, and how. */
  readonly weights: string;
  readonly started: string;
  /** What weighed; absent where there was nothing to weigh. */
  readonly engine?: EngineFacts | undefined;
  readonly pass: PassTime;
  readonly samples: number;
  readonly pieces: readonly Piece[];
  /** Those of the run, as JSON can hold them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The seal of all fields before it. */
  readonly sha256: string;
}

/** A name for weights in the form of their outputs: shards of one name belong together. */
export function weightsId({ density, setBeta }: WeighedDensity, { format, outputDtype, keep }: KeepOptions): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ format, outputDtype, keep }));
  hash.update(densityJson(density));
  for (const beta of setBeta ?? []) hash.update(Float64Array.from(beta));
  return hash.digest('hex');
}

/** The record in the folder of a shard; `null` where there is no such folder. */
export async function readRecord(folder: string): Promise<ShardRecord | null> {
  if (!existsSync(folder)) return null;
  const path = join(folder, RECORD_FILE);
  const { recordSchema } = await import('./shard-schema.ts');
  const { json } = await readJson(path, 'what ghm apply --shard says of its shard');
  const parsed = recordSchema.safeParse(json);
  const again = 'make the shard again with ghm apply --shard --force';
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw inputError(`${path}: not the record of a shard: ${issue.path.join('.')}: ${issue.message}; ${again}`);
  }
  const { sha256 } = parsed.data;
  // of the fields in the order in which they are written
  const sealed = sealOf(Object.fromEntries(Object.entries(Object(json)).filter(([key]) => key !== 'sha256')));
  if (sealed === sha256) return parsed.data;
  throw inputError(`${path}: damaged: its checksum is ${sha256}, its content gives ${sealed}; ${again}`);
}

/**
 * The records of all shards below the output folder, in order.
 *
 * @throws inputError where one is missing, or one is of another stream, of other weights or of another number of shards
 */
export async function readRecords(out: string, breathe: Breathe): Promise<ShardRecord[]> {
  const folder = join(out, SHARDS_FOLDER);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+-of-\d+$/.test(name)) : [];
  const records: ShardRecord[] = [];
  for (const name of names) {
    const record = await readRecord(join(folder, name));
    if (record !== null) records.push(record);
    await breathe();
  }
  const [first, ...others] = records.sort((a, b) => a.index - b.index);
  if (first === undefined) {
    throw inputError(
      `${out}: holds no shards; expected the folder that ghm apply --shard i/n wrote all of its shards into`,
    );
  }
  for (const other of others) checkBelongs(first, other, folder);
  const shards = { of: first.of, indices: records.map(({ index }) => index) };
  if (shards.indices.length < shards.of) {
    throw inputError(
      `${folder}: holds ${shards.indices.length} of ${shards.of} shards. Missing: ${describeMissing(shards)}, which ghm apply ` +
        '--shard makes',
    );
  }
  return records;
}

function checkBelongs(first: ShardRecord, other: ShardRecord, folder: string): void {
  const names = `${join(folder, shardFolder(other))} and ${shardFolder(first)}`;
  const again = 'remove one, or make all again with ghm apply --shard --force';
  if (other.of !== first.of) throw inputError(`${names}: are of different numbers of shards; ${again}`);
  if (other.plan !== first.plan) {
    throw inputError(`${names}: are of different inputs, or of other lengths or times of the same files; ${again}`);
  }
  if (other.weights !== first.weights) {
    throw inputError(`${names}: were weighed by different densities, or are of different formats; ${again}`);
  }
}
