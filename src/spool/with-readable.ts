import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { runError } from '../errors.ts';
import type { List } from '../shared-list/list.ts';
import { SharedList } from '../shared-list/shared-list.ts';
import { temporaryName } from '../sinks/temporary-names.ts';
import { identityFromStats } from '../sources/identity.ts';
import type { ArraySource, Part, RawArray, ReadableArray } from '../sources/source.ts';
import { planSpool, type SpoolPlan, spoolKey } from './plan.ts';

export interface SpoolOptions {
  /** The output of the run: the spool lies in the folder that is there on the way to it, where there has to be room anyway. */
  readonly out: string;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Told how many of all packed elements are unpacked. */
  readonly onUnpacked: (done: number, total: number) => void;
}

/**
 * Runs `use` with parts that workers can read any rows of. Packed arrays are unpacked to one file before, by several
 * threads, each array from its first to its last row: a deflated member cannot be entered in the middle, and both passes read
 * it. The file is removed afterwards. Where nothing is packed, nothing is done.
 *
 * @throws inputError for damaged data; runError where the disk has no room
 */
export async function withReadable<T>(
  parts: List<Part>,
  options: SpoolOptions,
  use: (parts: List<Part<ReadableArray>>) => Promise<T>,
): Promise<T> {
  const plan = planSpool(parts);
  // none is packed
  if (plan.places.length === 0) return use(parts as List<Part<ReadableArray>>);
  const path = makeSpool(options.out, plan);
  try {
    const { unpackAll } = await import('./unpack-all.ts');
    await unpackAll(path, plan, options);
    const rows = new Map(plan.places.map(({ source, offset }) => [spoolKey(source), offset]));
    return await use(SharedList.of(unpackedParts(parts, rows, path)));
  } finally {
    rmSync(path, { force: true });
  }
}

/** The parts with rows in the spool for the arrays that were packed. */
function* unpackedParts(
  parts: List<Part>,
  offsets: ReadonlyMap<string, number>,
  path: string,
): Generator<Part<ReadableArray>> {
  const identity = identityFromStats(statSync(path));
  const readable = (source: ArraySource): ReadableArray => {
    if (source.kind !== 'packed') return source;
    const { packing: _, ...facts } = source;
    const dataOffset = offsets.get(spoolKey(source));
    if (dataOffset === undefined) throw new RangeError(`${source.name} was not unpacked`);
    return { ...facts, kind: 'raw', path, identity, dataOffset } satisfies RawArray;
  };
  for (const part of parts) {
    const { logits, labels, labelWeights, columns } = part;
    yield {
      ...part,
      logits: readable(logits),
      labels: readable(labels),
      labelWeights: labelWeights && readable(labelWeights),
      columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, readable(column)])),
    };
  }
}

/** Makes the empty file, of its length, readable by its owner alone. */
function makeSpool(out: string, { bytes }: SpoolPlan): string {
  const folder = existingFolder(resolve(out));
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes)
    throw runError(`${folder}: unpacking the inputs needs ${bytes} bytes, the disk has ${bavail * bsize} left`);
  const path = join(folder, temporaryName());
  try {
    const file = openSync(path, 'wx', 0o600);
    ftruncateSync(file, bytes);
    closeSync(file);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw runError(`unpacking the inputs in ${folder} failed (${what})`, error);
  }
  return path;
}

function existingFolder(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? path : existingFolder(dirname(path));
}
