import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { breathing } from '../breath.ts';
import type { CellCounts } from '../density/cells.ts';
import type { CountedShards, Keeper, WeighedShards } from '../engines/engine.ts';
import { ExitCode, GhmError, runError } from '../errors.ts';
import { type Counted, writeCounted } from '../journal/counted-file.ts';
import { Journal, type WeighedShard } from '../journal/journal.ts';
import { emptyState, takeFolder } from '../journal/owner.ts';
import { stepClock } from '../journal/step-clock.ts';
import { firstSegments } from '../memory/shard-board.ts';
import { itemOf, type List } from '../shared-list/list.ts';
import { flushFiles, flushFolders } from '../sinks/flush.ts';
import { makeFolders, removeEmptyFolders } from '../sinks/make-folders.ts';
import { removeFolder, removeLeftover } from '../sinks/remove-folder.ts';
import { Staging } from '../sinks/staging.ts';
import { removeOrphans } from '../sinks/temporary-names.ts';
import { checkUnchanged } from '../sources/identity.ts';
import { checkNoRun, type Left, leftIn, type RunRequest, statePath } from './left-run.ts';

/** Work of less time than this is not kept: to do it again is as good. */
const WORTH_KEEPING_MS = 1000;

/** A run that leaves a journal, so that it can be gone on with after whatever ends it. */
export class JournalledRun {
  readonly staging: Staging;
  /** Whether an earlier run had come to giving its outputs their names. */
  readonly isFinishing: boolean;
  private readonly request: RunRequest;
  private readonly journal: Journal;
  private readonly release: () => void;
  private readonly first: Uint32Array;
  private readonly begun = stepClock.now();
  private readonly resumed: boolean;
  /** What earlier runs have counted and weighed. */
  private readonly counted: Counted | null;
  private readonly weighed: readonly WeighedShard[];
  /** The newest state of pass 1 that is not on the disk. */
  private unsaved: Counted | undefined;
  private saving: Promise<void> = Promise.resolve();
  private keptSomething: boolean;

  private constructor(
    request: RunRequest,
    place: { readonly folder: string; readonly hidden: string; readonly made: string | undefined },
    release: () => void,
    left: Left | null,
  ) {
    this.request = request;
    this.release = release;
    this.first = firstSegments(request.shards);
    this.resumed = left !== null;
    this.keptSomething = this.resumed;
    this.isFinishing = left?.finishing ?? false;
    this.counted = left?.counted ?? null;
    this.weighed = left?.weighed ?? [];
    this.journal =
      left === null
        ? Journal.begin(place.hidden, {
            identity: request.identity,
            started: new Date().toISOString(),
            ...(request.sets !== undefined && { sets: request.sets }),
            ...(place.made !== undefined && { made: place.made }),
          })
        : Journal.goOn(place.hidden, left.bytes);
    this.staging = new Staging({
      ...place,
      resumed: this.resumed,
      onWhole: async () => {
        await checkUnchanged(request.files, breathing(request.signal));
        await this.journal.append({ finishing: true });
        // from here on what has its name is not made again
        this.keptSomething = true;
      },
    });
  }

  /**
   * Makes the folders, and takes them for this process alone.
   *
   * @throws usageError where `resume` asks to go on with another run than the one that was left; runError where another
   * process has the folder, or it cannot be written
   */
  static async open(request: RunRequest): Promise<JournalledRun> {
    const { out, state } = request;
    const folder = resolve(out);
    const hidden = statePath(out, state);
    const taken = await takePlace(request, folder, hidden);
    const { release } = taken;
    let left: Left | null;
    try {
      left = await leftIn(hidden, request);
      await removeOrphans(hidden);
    } catch (error) {
      release();
      throw error;
    }
    try {
      // what lies there is of no use
      if (left === null) await emptyState(hidden);
      return new JournalledRun(request, { folder, hidden, made: taken.made ?? left?.made }, release, left);
    } catch (error) {
      if (left === null) await removeFolder(hidden);
      else release();
      if (taken.made !== undefined) removeEmptyFolders(folder, taken.made);
      throw error instanceof GhmError ? error : cannotWrite(out, error);
    }
  }

  /** For pass 1. `countsOf` puts together all that is counted: by this run, and by those before. */
  countKeeper(countsOf: (state: CountedShards) => CellCounts): Keeper<CountedShards> {
    return {
      kept: this.counted,
      keep: async (state) => {
        this.unsaved = {
          done: state.done,
          inputSums: Uint32Array.from(state.inputSums),
          counts: countsOf(state),
        };
        if (!this.isLong()) return;
        const saved = this.save();
        // pass 2 need not wait for the disk
        if (!state.done.every((one) => one === 1)) await saved;
      },
    };
  }

  /** What earlier runs have counted; `null` where that is nothing. */
  get countedBefore(): Counted | null {
    return this.counted;
  }

  /** For pass 2, into these files, one a part. What is missing of those of an earlier run is written again. */
  weighKeeper(outputs: List<{ readonly path: string; readonly isLeft: boolean }>): Keeper<WeighedShards> {
    const { shards } = this.request;
    const done = new Uint8Array(shards.length);
    const checksums = new Uint32Array(this.first[shards.length]);
    for (const [shard, ...crcs] of this.weighed) {
      const segments = shards[shard]?.segments;
      if (segments?.length !== crcs.length || !segments.every(({ part }) => itemOf(outputs, part).isLeft)) continue;
      done[shard] = 1;
      checksums.set(crcs, this.first[shard]);
    }
    const folders = new Set(outputs.map(({ path }) => dirname(path)));
    return {
      kept: { done, checksums },
      keep: async (state) => {
        await this.save();
        const fresh = shards.filter(({ id }) => state.done[id] === 1 && done[id] === 0);
        const parts = new Set(fresh.flatMap(({ segments }) => segments.map(({ part }) => part)));
        try {
          const breathe = breathing(this.request.signal);
          await flushFiles(
            [...parts].map((part) => itemOf(outputs, part).path),
            breathe,
          );
          await flushFolders(folders, breathe);
          folders.clear();
        } catch (error) {
          if (error instanceof GhmError) throw error;
          throw runError(`the outputs cannot be brought to the disk (${text(error)})`, error);
        }
        await this.journal.append({
          weighed: fresh.map(({ id }) => [id, ...state.checksums.subarray(this.first[id], this.first[id + 1])]),
        });
        for (const { id } of fresh) done[id] = 1;
        this.keptSomething = true;
      },
    };
  }

  private isLong(): boolean {
    return stepClock.now() - this.begun >= WORTH_KEEPING_MS;
  }

  private save(): Promise<void> {
    const { unsaved } = this;
    if (unsaved === undefined) return this.saving;
    this.unsaved = undefined;
    this.saving = this.saving.then(async () => {
      await this.journal.flush();
      await writeCounted(this.staging.hidden, unsaved);
      this.keptSomething = true;
    });
    // told where it is waited for
    this.saving.catch(() => undefined);
    return this.saving;
  }

  /** After the end: all outputs have their names. */
  close(): void {
    this.journal.close();
  }

  /**
   * Ends the run after a failure: what it has done is kept where it is worth keeping and can be gone on from, else
   * everything is left as it was found.
   *
   * @returns what to throw
   */
  async fail(error: unknown): Promise<unknown> {
    await this.saving.catch(() => undefined);
    this.journal.close();
    const exitCode = error instanceof GhmError ? error.exitCode : undefined;
    const isFinal = exitCode === ExitCode.badData || (exitCode === ExitCode.usage && !this.resumed);
    // the files of thousands of outputs take long to remove, and long to make again
    const isKept = this.keptSomething || (exitCode === ExitCode.interrupted && this.isLong());
    if (isFinal || !isKept || !existsSync(this.staging.hidden)) {
      await this.staging.abandon();
      return error;
    }
    this.release();
    return error instanceof GhmError && exitCode !== ExitCode.usage ? goingOn(error) : error;
  }
}

/** A folder that is taken. */
interface Taken {
  /** The topmost folder that was made. */
  readonly made: string | undefined;
  readonly release: () => void;
}

/** How often another run may make or remove the folders in the very moment in which this one does. */
const MOST_TRIES = 20;

/** Makes the folders and takes them. Another run that begins or ends at the same moment is told from a disk that says no. */
async function takePlace(request: RunRequest, folder: string, hidden: string): Promise<Taken> {
  for (let tries = 1; ; tries++) {
    checkNoRun(request);
    let made: string | undefined;
    try {
      await removeLeftover(hidden);
      made = makeFolders(folder);
      await removeOrphans(folder);
      // on a disk that can only be read the recursive mkdir says that there is no such folder
      if (!existsSync(hidden)) mkdirSync(hidden);
      return { made, release: takeFolder(hidden, request.out) };
    } catch (error) {
      if (made !== undefined) removeEmptyFolders(folder, made);
      if (error instanceof GhmError) throw error;
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if ((code !== 'ENOENT' && code !== 'EEXIST') || tries === MOST_TRIES) throw cannotWrite(request.out, error);
      await setTimeout(5 * tries);
    }
  }
}

const cannotWrite = (out: string, error: unknown): GhmError =>
  runError(`--out ${out}: cannot be written (${text(error)})`, error);

/** The error, with how to go on. */
function goingOn(error: GhmError): GhmError {
  const how = 'the same command with --resume goes on from there';
  const lines = error.exitCode === ExitCode.interrupted ? [`interrupted; ${how}`] : [...error.lines, how];
  return new GhmError(error.exitCode, lines, { cause: error });
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
