import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { breath, breathing } from '../breath.ts';
import { runError } from '../errors.ts';
import { digestOf, identityOf, markOfSets, type RunIdentity } from '../journal/identity.ts';
import type { CompleteOutputOptions, CompleteRunOptions } from '../options/complete-options.ts';
import { columnOf } from '../options/set-options.ts';
import { packageVersion } from '../package-files.ts';
import type { List } from '../shared-list/list.ts';
import { checkNoneExists } from '../sinks/free-places.ts';
import { removeLeftover } from '../sinks/remove-folder.ts';
import { identityFromStats, type PlannedFile } from '../sources/identity.ts';
import { arraysOfAll, type Part } from '../sources/source.ts';
import { SUMMARY_FILE } from './finish.ts';
import { JournalledRun } from './journalled-run.ts';
import { checkNoRun } from './left-run.ts';
import { type Stream, shardCountOf } from './stream.ts';
import type { Summary } from './summary.ts';

/** Folder of the state of a run that writes a folder, and one that writes a file. */
const FOLDER_STATE = '.ghm-run';
const fileState = (out: string): string => `.${basename(out)}.ghm-run`;

type OutOptions = Pick<CompleteOutputOptions, 'out' | 'resume' | 'force'> & Pick<CompleteRunOptions, 'signal'>;
type WarnedOptions = OutOptions & { readonly onWarning: (message: string) => void };

/**
 * Before any work: sees that the outputs have their places, and that no run is under way or unfinished there, where the options do
 * not say to go on or to start over.
 */
export async function checkFolderIsFree(options: OutOptions, paths: Iterable<string>): Promise<void> {
  checkNoRun({ ...options, state: FOLDER_STATE });
  // what a run that ended while it finished has put in place is known when its journal is read
  if (!options.resume) await checkNoneExists(options.out, paths, options.force, breathing(options.signal));
}

/** The same for one output file. */
export async function checkFileIsFree(options: OutOptions): Promise<void> {
  checkNoRun({ ...options, out: dirname(options.out), state: fileState(options.out) });
  if (!options.resume) await checkNoneExists(dirname(options.out), [basename(options.out)], options.force);
}

/** Every file that a run reads. */
const filesOf = ({ parts, origin }: Stream): Iterable<PlannedFile> => origin?.files ?? arraysOfAll(parts);

const followedBy = (files: Iterable<PlannedFile>, last: PlannedFile): Iterable<PlannedFile> => ({
  *[Symbol.iterator]() {
    yield* files;
    yield last;
  },
});

const setsOf = ({ sets }: Stream): string | undefined =>
  sets !== null && columnOf(sets.request) !== null ? markOfSets(sets) : undefined;

const fileOf = (path: string): PlannedFile => ({
  path: resolve(path),
  name: path,
  identity: identityFromStats(statSync(path)),
});

/**
 * Runs `use` with a place for its outputs and a journal of what it has done, from which a run with `resume` goes on. A run
 * that an earlier one has finished, or but for the names of its outputs, is not run again.
 *
 * @param paths all outputs, below the output folder
 * @param density file that the weights are from, if they are
 */
export async function withFolderRun(
  { command, stream, paths, density }: FolderRun,
  options: WarnedOptions,
  use: (run: JournalledRun, digest: string) => Promise<Summary>,
): Promise<Summary> {
  const files = density === undefined ? filesOf(stream) : followedBy(filesOf(stream), fileOf(density));
  await breath(options.signal);
  // the density of apply is a file, and its state counts
  const identity = identityWith(command, stream, { ...options, ...(density !== undefined && { density: '' }) }, files);
  await breath(options.signal);
  const digest = digestOf(identity);
  if (options.resume) {
    const finished = await finishedBefore(options.out, digest, paths);
    if (finished !== null) {
      options.onWarning(`${options.out}: this run was finished before, nothing is left to do`);
      return finished;
    }
  }
  const request = { ...options, state: FOLDER_STATE, identity, files, sets: setsOf(stream), shards: stream.shards };
  return withJournal(
    request,
    options,
    paths,
    (run) => use(run, digest),
    () => readSummary(options.out),
  );
}

/** The digest that a run of these parts would have, were it one. */
export const digestOfRun = (command: Summary['command'], parts: List<Part>, options: object): string =>
  digestOf(identityWith(command, { shards: { length: shardCountOf(parts) } }, options, arraysOfAll(parts)));

interface FolderRun {
  readonly command: Summary['command'];
  readonly stream: Stream;
  readonly paths: Iterable<string>;
  readonly density?: string;
}

/**
 * The same for a run that writes one file. Whether an earlier run has finished it is known when its content is: `write`
 * leaves it then.
 */
export async function withFileRun<T>(
  command: string,
  stream: Stream,
  options: WarnedOptions,
  use: (run: JournalledRun, write: (content: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const files = filesOf(stream);
  const identity = identityWith(command, stream, options, files);
  const out = dirname(options.out);
  const request = {
    ...options,
    out,
    state: fileState(options.out),
    identity,
    files,
    sets: setsOf(stream),
    shards: stream.shards,
  };
  const name = basename(options.out);
  return withJournal(
    request,
    options,
    [name],
    (run) =>
      use(run, async (content) => {
        if (options.resume && !run.isFinishing && !isThere(options.out, content))
          await checkNoneExists(out, [name], options.force);
        await run.staging.write(name, content);
        await run.staging.finish(breathing(options.signal));
      }),
    null,
  );
}

const isThere = (path: string, content: string): boolean => existsSync(path) && readFileSync(path, 'utf8') === content;

const identityWith = (
  command: string,
  { shards }: { readonly shards: { readonly length: number } },
  options: object,
  files: Iterable<PlannedFile>,
): RunIdentity => identityOf({ command, version: packageVersion(), shards: shards.length }, options, files);

async function withJournal<T>(
  request: Parameters<typeof JournalledRun.open>[0],
  { force, resume, signal }: OutOptions,
  paths: Iterable<string>,
  use: (run: JournalledRun) => Promise<T>,
  finished: (() => T) | null,
): Promise<T> {
  const run = await JournalledRun.open(request);
  try {
    const { staging } = run;
    if (!resume || finished !== null) {
      // without resume all were looked for before; since then another run may have ended, whose summary is there
      const mayBe = resume || finished === null ? paths : [SUMMARY_FILE];
      // those that an earlier run has put in place are its own
      const missing = run.isFinishing ? [...mayBe].filter((path) => existsSync(join(staging.hidden, path))) : mayBe;
      await checkNoneExists(request.out, missing, force, breathing(signal));
    }
    if (run.isFinishing && finished !== null) {
      await staging.publish(summaryLast(paths), breathing(signal));
      run.close();
      return finished();
    }
    const result = await use(run);
    run.close();
    return result;
  } catch (error) {
    throw await run.fail(error);
  }
}

/** Where it is, all is. */
const summaryLast = (paths: Iterable<string>): string[] => [
  ...[...paths].filter((path) => path !== SUMMARY_FILE),
  SUMMARY_FILE,
];

/** The summary of a run that was finished before; `null` where it was not, or was another one. */
async function finishedBefore(out: string, digest: string, paths: Iterable<string>): Promise<Summary | null> {
  const folder = resolve(out);
  if (existsSync(join(folder, FOLDER_STATE)) || !existsSync(join(folder, SUMMARY_FILE))) return null;
  const summary = readSummary(out);
  if (summary.run !== digest || [...paths].some((path) => !existsSync(join(folder, path)))) return null;
  await removeLeftover(join(folder, FOLDER_STATE));
  return summary;
}

export function readSummary(out: string): Summary {
  const path = join(out, SUMMARY_FILE);
  try {
    // what it says is believed only where it has the digest of this very run
    return JSON.parse(readFileSync(path, 'utf8')) as Summary;
  } catch (error) {
    throw runError(`${path}: cannot be read (${error instanceof Error ? error.message : String(error)})`, error);
  }
}
