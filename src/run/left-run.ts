import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type GhmError, usageError } from '../errors.ts';
import { type Counted, readCounted } from '../journal/counted-file.ts';
import { difference, type RunIdentity } from '../journal/identity.ts';
import { type Journalled, readJournal, type WeighedShard } from '../journal/journal.ts';
import { ownershipOf, refused } from '../journal/owner.ts';
import type { Shard } from '../plan/shards.ts';
import type { PlannedFile } from '../sources/identity.ts';

/** What a run is, and what it is to do with what another has left in its place. */
export interface RunRequest {
  /** Where its outputs go, as the user named it; and the hidden folder below that holds its state. */
  readonly out: string;
  readonly state: string;
  /** Goes on with what an earlier run of the same identity has left. */
  readonly resume: boolean;
  /** Starts over, whatever an earlier run has left. */
  readonly force: boolean;
  readonly signal: AbortSignal | undefined;
  readonly identity: RunIdentity;
  /** Those of the identity. */
  readonly files: Iterable<PlannedFile>;
  /** Name of the sets that a column says; `undefined` where none does. */
  readonly sets: string | undefined;
  readonly shards: readonly Shard[];
}

/** The folder of a run's state. */
export const statePath = (out: string, state: string): string => join(resolve(out), state);

/**
 * Before any work, and when the place is to be taken: sees that no other run is at work in the place, and that none was left unfinished there, where neither
 * `resume` nor `force` says what to do with it.
 *
 * @throws runError, usageError
 */
export function checkNoRun({
  out,
  state,
  resume,
  force,
}: Pick<RunRequest, 'out' | 'state' | 'resume' | 'force'>): void {
  const folder = statePath(out, state);
  if (!existsSync(folder)) return;
  const ownership = ownershipOf(folder);
  if (ownership.is === 'alive' || ownership.is === 'elsewhere') throw refused(ownership.owner, ownership.path, out);
  if (resume || force) return;
  const left = readJournal(folder);
  if (left !== null) throw unfinished(out, left);
}

const unfinished = (out: string, { header }: Journalled): GhmError =>
  usageError(
    `${out}: has a run of ghm ${header.identity.command} that was not finished, of ${header.started}; add --resume to go ` +
      'on with it, or --force to start over',
  );

/** What earlier runs of the same identity have done. */
export interface Left {
  readonly bytes: number;
  readonly made: string | undefined;
  readonly counted: Counted | null;
  readonly weighed: readonly WeighedShard[];
  readonly finishing: boolean;
}

/** What a folder of state holds that this run can go on from; `null` where it has to begin at the beginning. */
export async function leftIn(
  hidden: string,
  { resume, force, identity, files, sets, shards, out }: RunRequest,
): Promise<Left | null> {
  const journal = readJournal(hidden);
  if (journal === null || (force && !resume)) return null;
  if (!resume) throw unfinished(out, journal);
  const { header } = journal;
  const different =
    difference(header.identity, identity, files) ??
    (header.sets === sets ? undefined : 'the column of its batches or groups holds other values');
  if (different !== undefined) {
    if (force) return null;
    throw usageError(
      `--resume: the run in ${out} is another one: ${different}; give the same command, or --force to start over`,
    );
  }
  const segments = shards.reduce((sum, shard) => sum + shard.segments.length, 0);
  return {
    bytes: journal.bytes,
    made: header.made,
    counted: await readCounted(hidden, shards.length, segments),
    weighed: journal.weighed,
    finishing: journal.finishing,
  };
}
