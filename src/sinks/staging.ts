import { existsSync, realpathSync, renameSync } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Breathe, breathing } from '../breath.ts';
import { GhmError, runError } from '../errors.ts';
import { flushFiles, flushFolders } from './flush.ts';
import { checkAbsent } from './free-places.ts';
import { isWithin } from './links-out.ts';
import { makeFolders, removeEmptyFolders } from './make-folders.ts';
import { moved, removeFolder } from './remove-folder.ts';
import { removeOrphans, temporaryName } from './temporary-names.ts';

/** What a run without a journal may say of its place. */
export interface StagingOptions extends Partial<Pick<StagingPlace, 'onWhole'>> {
  /** Where in the folder the hidden one lies. */
  readonly above?: string;
}

/** Files that get their names without a look at the signal. */
const RENAMED_TOGETHER = 500;

const nothing = async (): Promise<void> => {};

/** Where the outputs of a run lie until it is finished. */
export interface StagingPlace {
  /** Absolute. */
  readonly folder: string;
  /** In it; goes away when the run ends: a place for temporary files too. */
  readonly hidden: string;
  /** The topmost folder this run made, to remove again. */
  readonly made: string | undefined;
  /** Whether an earlier run has left files in the hidden folder. */
  readonly resumed: boolean;
  /** Called when all files are whole and on the disk, before the first gets its name. */
  readonly onWhole: () => Promise<void>;
}

/**
 * Outputs of a run, first in a hidden folder inside the output folder, then renamed into place when all are whole.
 * Until then nothing bears a final name, and `abandon` leaves the place as it was found.
 */
export class Staging {
  readonly folder: string;
  readonly hidden: string;
  /** Whether files may lie there already. */
  readonly resumed: boolean;
  private readonly where: StagingPlace;
  private readonly files = new Set<string>();
  /** That are there. */
  private readonly folders = new Set<string>();

  constructor(place: StagingPlace) {
    this.folder = place.folder;
    this.hidden = place.hidden;
    this.resumed = place.resumed;
    this.where = place;
  }

  /**
   * Makes the folder, and a hidden one of this run alone in it, or in `above`, a folder below.
   *
   * @throws runError where that is not possible
   */
  static async open(folder: string, { above = folder, onWhole }: StagingOptions = {}): Promise<Staging> {
    const absolute = resolve(folder);
    const hidden = join(resolve(above), temporaryName());
    let made: string | undefined;
    try {
      made = makeFolders(absolute);
      await removeOrphans(absolute);
      await mkdir(hidden);
      return new Staging({ folder: absolute, hidden, made, resumed: false, onWhole: onWhole ?? nothing });
    } catch (error) {
      if (made !== undefined) removeEmptyFolders(absolute, made);
      throw runError(`--out ${folder}: cannot be written (${text(error)})`, error);
    }
  }

  /** Where the file for `path` lies until `finish`; its folders exist. */
  async place(path: string): Promise<string> {
    const staged = join(this.hidden, path);
    await this.makeFolder(dirname(staged), this.hidden);
    this.files.add(path);
    return staged;
  }

  /**
   * Makes a folder below `top` where this run did not yet: there may be 100,000 files in it. `top` itself is never made
   * anew: who took it away has ended this run.
   */
  private async makeFolder(folder: string, top: string): Promise<void> {
    if (this.folders.has(folder)) return;
    if (folder !== top) {
      await this.makeFolder(dirname(folder), top);
      await mkdir(folder).catch(unlessThere);
    }
    // a link that was put there during the run
    if (!isWithin(realpathSync.native(folder), realpathSync.native(this.folder))) {
      throw new Error(`${folder} leads out of it`);
    }
    this.folders.add(folder);
  }

  /** Where a file may lie that is no output; it is gone when the run ends. */
  scratch(name: string): string {
    return join(this.hidden, `.scratch-${name}`);
  }

  /** Writes a small file whole, or one that comes in pieces of text. */
  async write(path: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
    // what an earlier run has left may be half of it
    const flags = this.resumed && !this.files.has(path) ? 'w' : 'wx';
    const staged = await this.place(path);
    try {
      const file = await open(staged, flags);
      try {
        await writeFile(file, content);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw runError(`writing ${path} failed (${text(error)})`, error);
    }
  }

  /** Flushes every file to the disk, then renames them into place. */
  async finish(breathe: Breathe = breathing()): Promise<void> {
    try {
      await this.flushAll(breathe);
      await this.where.onWhole();
    } catch (error) {
      throw this.unfinished(error);
    }
    await this.publish([...this.files], breathe);
  }

  /** Renames files that are whole and on the disk into place; after an earlier run those that it did not. */
  async publish(paths: readonly string[], breathe: Breathe = breathing()): Promise<void> {
    const folders = new Set<string>();
    try {
      for (const [i, path] of paths.entries()) {
        // a few are in place before a signal would be seen
        if (i % RENAMED_TOGETHER === RENAMED_TOGETHER - 1) await breathe();
        const [staged, final] = [join(this.hidden, path), join(this.folder, path)];
        folders.add(dirname(final));
        if (this.resumed && !existsSync(staged) && existsSync(final)) continue;
        await this.makeFolder(dirname(final), this.folder);
        renameSync(staged, final);
      }
      await flushFolders(folders);
      await removeFolder(this.hidden);
    } catch (error) {
      throw this.unfinished(error);
    }
  }

  private unfinished(error: unknown): Error {
    if (error instanceof GhmError) return error;
    return runError(`finishing the outputs in ${this.folder} failed (${text(error)})`, error);
  }

  /**
   * Flushes every file to the disk, then gives all of them one folder, `name`, at once: there is never a part of it.
   *
   * @param replace whether a folder of that name goes away for it
   * @returns whether it was put there; `false` where there is one and it is not to be replaced
   */
  async finishAs(name: string, replace: boolean, breathe: Breathe = breathing()): Promise<boolean> {
    const final = join(this.folder, name);
    try {
      await this.flushAll(breathe);
      for (;;) {
        if (moved(this.hidden, final)) return true;
        if (!replace) return false;
        const old = `${this.hidden}-old`;
        // another run may have taken it away at the same time
        moved(final, old);
        await rm(old, { recursive: true, force: true });
      }
    } catch (error) {
      if (error instanceof GhmError) throw error;
      throw runError(`finishing ${final} failed (${text(error)})`, error);
    }
  }

  private async flushAll(breathe: Breathe): Promise<void> {
    await flushFiles(this.staged(), breathe);
    await flushFolders(this.folders, breathe);
  }

  private *staged(): Generator<string> {
    for (const path of this.files) yield join(this.hidden, path);
  }

  /** Removes what this run made, and nothing of anyone else's. */
  async abandon(): Promise<void> {
    await removeFolder(this.hidden);
    if (this.where.made !== undefined) removeEmptyFolders(this.folder, this.where.made);
  }
}

/**
 * Runs `use` with a staging folder inside `folder`. What it leaves unfinished, by failing, is removed.
 *
 * @throws runError where the folder cannot be written
 */
export async function withStaging<T>(
  folder: string,
  use: (staging: Staging) => Promise<T>,
  options: StagingOptions = {},
): Promise<T> {
  const staging = await Staging.open(folder, options);
  try {
    return await use(staging);
  } catch (error) {
    await staging.abandon();
    throw error;
  }
}

/**
 * Runs `use` with a hidden folder inside `folder` for temporary files. It is gone afterwards, however that ends.
 *
 * @throws runError where the folder cannot be written
 */
export async function withScratch<T>(folder: string, use: (scratch: string) => Promise<T>): Promise<T> {
  const staging = await Staging.open(folder);
  try {
    return await use(staging.hidden);
  } finally {
    await staging.abandon();
  }
}

/** Writes one file so that it is whole or not there: a temporary name beside it, flushed, renamed. */
export async function writeWhole(path: string, content: string | Uint8Array, force: boolean): Promise<void> {
  await checkAbsent(path, force);
  await withStaging(dirname(path), async (staging) => {
    await staging.write(basename(path), content);
    await staging.finish();
  });
}

/** A folder that is there need not be made. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
