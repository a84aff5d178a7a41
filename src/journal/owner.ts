import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, readlinkSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { runError } from '../errors.ts';

/** Who owns a folder of state: one process on one machine. */
export interface Owner {
  /** Name of the host, and what tells machines of the same name apart. */
  readonly host: string;
  readonly machine: string;
  /** Processes of another namespace cannot be seen. */
  readonly namespace: string;
  readonly boot: string;
  readonly pid: number;
  /** In ticks since the boot: a process number is given again. */
  readonly startTime: string;
  /** For people. */
  readonly since: string;
}

const OWNER = /^owner-(\d+)$/;

/** What is known of the owner of a folder. */
export type Ownership =
  | { readonly is: 'none' }
  | { readonly is: 'dead'; readonly owner: Owner | null; readonly number: number }
  | { readonly is: 'alive' | 'elsewhere'; readonly owner: Owner; readonly path: string };

/** Who owns the folder. */
export function ownershipOf(folder: string): Ownership {
  const numbers = readdirSync(folder).flatMap((name) => OWNER.exec(name)?.slice(1).map(Number) ?? []);
  if (numbers.length === 0) return { is: 'none' };
  const number = Math.max(...numbers);
  const path = join(folder, `owner-${number}`);
  const owner = readOwner(path);
  if (owner === null) return { is: 'dead', owner, number };
  const is = stateOf(owner, thisProcess());
  return is === 'dead' ? { is, owner, number } : { is, owner, path };
}

/** `null` where the file is damaged, by a crash of the machine. */
function readOwner(path: string): Owner | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isOwner(owner) ? owner : null;
  } catch {
    return null;
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, ...texts } = value as Partial<Record<keyof Owner, unknown>>;
  const named = [texts.host, texts.machine, texts.namespace, texts.boot, texts.startTime, texts.since];
  return Number.isSafeInteger(pid) && named.every((text) => typeof text === 'string');
}

/** On this machine it can be told whether a process lives; and what lived before its last start is dead. */
function stateOf(owner: Owner, here: Owner): 'alive' | 'dead' | 'elsewhere' {
  if (owner.host !== here.host || owner.machine !== here.machine) return 'elsewhere';
  if (owner.boot !== here.boot) return 'dead';
  if (owner.namespace !== here.namespace) return 'elsewhere';
  return isAlive(owner) ? 'alive' : 'dead';
}

function isAlive({ pid, startTime }: Owner): boolean {
  const now = startTimeOf(pid);
  return now !== '' && now === startTime;
}

/**
 * Makes this process the owner of a folder that has none that lives. Owners are numbered, and the highest number counts: of two
 * processes that see the same dead owner one makes the next number, and the other is refused.
 *
 * @returns gives the folder up
 * @throws runError where another process owns it
 */
export function takeFolder(folder: string, name: string): () => void {
  const ownership = ownershipOf(folder);
  if (ownership.is === 'alive' || ownership.is === 'elsewhere') throw refused(ownership.owner, ownership.path, name);
  const mine = join(folder, `owner-${ownership.is === 'dead' ? ownership.number + 1 : 1}`);
  const draft = join(folder, `.owner-${process.pid}-${randomBytes(4).toString('hex')}`);
  writeFileSync(draft, `${JSON.stringify(thisProcess())}\n`);
  try {
    // whole, or not at all
    linkSync(draft, mine);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const now = ownershipOf(folder);
    if (now.is === 'alive' || now.is === 'elsewhere') throw refused(now.owner, now.path, name);
    throw runError(`${name}: another run has just begun to write there; wait for it, or give another --out`);
  } finally {
    unlinkSync(draft);
  }
  if (ownership.is === 'dead') rmSync(join(folder, `owner-${ownership.number}`), { force: true });
  return () => unlinkSync(mine);
}

/**
 * Removes all that a folder holds but its owner: it is nobody else's for a moment. The journal goes first, without which the rest
 * says nothing.
 */
export async function emptyState(folder: string): Promise<void> {
  const journalFirst = readdirSync(folder).toSorted((a, b) => Number(b === 'journal') - Number(a === 'journal'));
  for (const name of journalFirst)
    if (!OWNER.test(name)) await rm(join(folder, name), { recursive: true, force: true });
}

/** The error of a run that finds another one at work. */
export function refused(owner: Owner, path: string, name: string): Error {
  const who = `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
  if (stateOf(owner, thisProcess()) === 'alive') {
    return runError(`${name}: another run writes there (${who}); wait for it, or give another --out`);
  }
  return runError(
    `${name}: a run on another machine writes there, or died there (${who}), which cannot be told from here; if it is ` +
      `gone, remove ${path} and run again with --resume`,
  );
}

let known: Owner | undefined;

function thisProcess(): Owner {
  known ??= {
    host: hostname(),
    machine: read('/etc/machine-id'),
    namespace: namespaceOf(),
    boot: read('/proc/sys/kernel/random/boot_id'),
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    since: new Date(Date.now() - 1000 * process.uptime()).toISOString(),
  };
  return known;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function namespaceOf(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Field 22 of /proc/PID/stat; empty where there is no such process, or none has asked yet how it ended. */
function startTimeOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  // the name before the third field may hold spaces
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? '' : (fields[18] ?? '');
}
