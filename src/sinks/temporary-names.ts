import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const PREFIX = '.ghm-';

/** What tells the processes that can be seen from here from those of other machines and containers. */
function here(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    // no such thing here: only the host tells
  }
  return `${hostname().replace(/[^\w.]/g, '_')}-${namespace}`;
}

/** A hidden name that no other process gives. */
export const temporaryName = (): string => `${PREFIX}${here()}-${process.pid}-${randomBytes(4).toString('hex')}`;

/** Removes what processes of this machine that were killed have left in a folder under such names. */
export async function removeOrphans(folder: string): Promise<void> {
  const own = `${PREFIX}${here()}-`;
  for (const name of readdirSync(folder)) {
    const [, pid] = name.startsWith(own) ? (/^(\d+)-[0-9a-f]{8}(?:-\w+)?$/.exec(name.slice(own.length)) ?? []) : [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}
