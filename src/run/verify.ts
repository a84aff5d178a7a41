import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { breathing } from '../breath.ts';
import { GhmError, interrupted } from '../errors.ts';
import type { Damage, VerifiedPartial, VerifyReport } from '../options/results.ts';
import { describeRequest } from '../options/set-options.ts';
import { type CompleteVerifyOptions, type VerifyOptions, validateVerify } from '../options/verify-options.ts';
import { readPartial } from '../partial/read.ts';
import { discover } from '../sources/discover.ts';
import { damageOf, type OpenedRun, openRun } from './verified-run.ts';

/** Files that are read at the same time. */
const LANES = 8;

/**
 * Compares the outputs of runs with the checksums in their summary.json, and partials with their own; says what made them.
 * Files are streamed: memory does not grow with them. All damage is in what is returned, none of it is thrown.
 *
 * @throws GhmError with the exit code the command line would end with: 2 usage, 3 where a path is not there, 130 aborted
 */
export async function verify(rawOptions: VerifyOptions): Promise<VerifyReport> {
  const start = performance.now();
  const options = validateVerify(rawOptions);
  const breathe = breathing(options.signal);
  const opened: (OpenedRun | OpenedPartial)[] = [];
  for (const file of options.files) {
    if (isFolder(file)) opened.push(await openRun(file));
    else {
      for (const { name } of await discover(file, 'files', process.cwd(), 'given', breathe)) {
        opened.push(await openPartial(name));
        await breathe();
      }
    }
  }
  const read = paceOf(opened, options, start);
  const damage: Damage[] = [];
  for (const one of opened) {
    damage.push(...one.damage);
    if (one.kind === 'run') damage.push(...(await damageOfRun(one, read)));
  }
  const verified = opened.map((one) => {
    const { damage: _, ...rest } = one;
    if (rest.kind === 'partial') return rest;
    const { outputs, ...run } = rest;
    return run;
  });
  return { command: 'verify', verified, damage, seconds: (performance.now() - start) / 1000 };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

interface OpenedPartial extends VerifiedPartial {
  readonly damage: readonly Damage[];
}

async function openPartial(path: string): Promise<OpenedPartial> {
  try {
    const { kind: cells, scale, bins, ignored, sets, cells: tables } = await readPartial(path);
    const total = tables.reduce((sum, table) => table.reduce((n, count) => n + count, sum), 0);
    const request = sets && { sets: describeRequest(sets.request) };
    return {
      kind: 'partial',
      path,
      holds: { bytes: statSync(path).size, task: scale.task, cells, bins, total, ignored, ...request },
      damage: [],
    };
  } catch (error) {
    if (!(error instanceof GhmError)) throw error;
    return { kind: 'partial', path, holds: null, damage: [{ path, message: error.message }] };
  }
}

/** Tells the progress of all runs together, and ends it where the caller wishes. */
function paceOf(
  opened: readonly (OpenedRun | OpenedPartial)[],
  { signal, onProgress }: CompleteVerifyOptions,
  start: number,
): (bytes: number) => void {
  const total = opened.reduce((sum, one) => sum + (one.kind === 'run' ? one.bytes : 0), 0);
  let done = 0;
  return (bytes) => {
    if (signal?.aborted) throw interrupted();
    done += bytes;
    onProgress({ done, total, elapsed: (performance.now() - start) / 1000 });
  };
}

/** In the order of the outputs. */
async function damageOfRun({ path, outputs }: OpenedRun, read: (bytes: number) => void): Promise<Damage[]> {
  const folder = realpathSync.native(path);
  const found: (Damage | undefined)[] = [];
  const open = outputs.entries();
  const lane = async (): Promise<void> => {
    for (const [i, output] of open) found[i] = await damageOf(output, folder, join(path, output.path), read);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return found.filter((damage) => damage !== undefined);
}
