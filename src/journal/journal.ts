import { closeSync, fdatasync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runError } from '../errors.ts';
import type { RunIdentity } from './identity.ts';
import { lineOf, linesOf } from './lines.ts';
import { type Entry, isEntry, isHeader } from './records.ts';

/** First record: what the run is. */
export interface Header {
  readonly journal: typeof VERSION;
  readonly identity: RunIdentity;
  readonly started: string;
  /** Name of its batches or groups, where a column says them. */
  readonly sets?: string;
  /** The topmost folder that the run made for its outputs. */
  readonly made?: string;
}

const VERSION = 1;

const flushData = promisify(fdatasync);

/** A shard whose weights are on the disk: its number, and the CRC-32 of each of its segments. */
export type WeighedShard = readonly [shard: number, ...checksums: number[]];

/** What a journal says. */
export interface Journalled {
  readonly header: Header;
  readonly weighed: readonly WeighedShard[];
  /** Whether all outputs are whole and on the disk, and get their names one after the other. */
  readonly finishing: boolean;
}

const pathOf = (folder: string): string => join(folder, 'journal');

/** What the journal of a folder says; `null` where there is none, or none that says anything. */
export function readJournal(folder: string): (Journalled & { readonly bytes: number }) | null {
  let content: Buffer;
  try {
    content = readFileSync(pathOf(folder));
  } catch {
    return null;
  }
  const { records, bytes } = linesOf(content);
  const [header, ...entries] = records;
  if (!isHeader(header, VERSION)) return null;
  let finishing = false;
  const weighed: WeighedShard[] = [];
  for (const entry of entries) {
    // no run wrote that
    if (!isEntry(entry, header.identity.shards)) return null;
    if ('finishing' in entry) finishing = true;
    else for (const shard of entry.weighed) weighed.push(shard);
  }
  return { header, weighed, finishing, bytes };
}

/** A journal that is written: one record after the other, each on the disk before `append` returns. */
export class Journal {
  private readonly fd: number;
  private end: number;

  private constructor(fd: number, end: number) {
    this.fd = fd;
    this.end = end;
  }

  /** Begins the journal of a run. The header is on the disk when the first record is. */
  static begin(folder: string, header: Omit<Header, 'journal'>): Journal {
    const journal = new Journal(openSync(pathOf(folder), 'w'), 0);
    journal.write({ journal: VERSION, ...header });
    return journal;
  }

  /** Goes on with one, of which `bytes` are good. */
  static goOn(folder: string, bytes: number): Journal {
    const fd = openSync(pathOf(folder), 'r+');
    ftruncateSync(fd, bytes);
    return new Journal(fd, bytes);
  }

  async append(entry: Entry): Promise<void> {
    try {
      this.write(entry);
      await this.flush();
    } catch (error) {
      throw runError(`the journal of the run cannot be written (${String(error)})`, error);
    }
  }

  /** Brings what was written to the disk; the disk may have much to do. */
  flush(): Promise<void> {
    return flushData(this.fd);
  }

  close(): void {
    closeSync(this.fd);
  }

  private write(record: Header | Entry): void {
    const line = lineOf(JSON.stringify(record));
    for (let done = 0; done < line.length; ) {
      done += writeSync(this.fd, line, done, line.length - done, this.end + done);
    }
    this.end += line.length;
  }
}
