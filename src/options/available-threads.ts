import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export const MOST_THREADS = 1024;

/** Text of a file, `undefined` if it cannot be read. */
type ReadText = (path: string) => string | undefined;

/**
 * Cores this process may use: those it may be scheduled on, and no more than the cgroup CPU quota (which Node does not
 * look at) allows. A part of a core counts as one: a second thread uses it, a missing one cannot.
 */
export function availableThreads(read: ReadText = readText, cores: number = availableParallelism()): number {
  return Math.max(1, Math.min(cores, Math.ceil(cpuQuota(read)), MOST_THREADS));
}

/** Cores of the strictest CPU quota from this process's control group up to the root; Infinity if there is none. */
export function cpuQuota(read: ReadText): number {
  let least = Number.POSITIVE_INFINITY;
  for (const line of (read('/proc/self/cgroup') ?? '0::/\n1:cpu:/').split('\n')) {
    const [id, controllers, group] = line.split(':');
    if (group === undefined) continue;
    for (const folder of upwards(group)) {
      if (id === '0') least = Math.min(least, quotaV2(read(`/sys/fs/cgroup${folder}/cpu.max`)));
      if (controllers?.split(',').includes('cpu')) least = Math.min(least, quotaV1(read, folder));
    }
  }
  return least;
}

/** `/a/b` -> `/a/b`, `/a`, ``. */
function upwards(group: string): string[] {
  const names = group.split('/').filter((name) => name !== '' && name !== '..');
  return Array.from({ length: names.length + 1 }, (_, i) =>
    names
      .slice(0, names.length - i)
      .map((n) => `/${n}`)
      .join(''),
  );
}

/** `150000 100000` -> 1.5; `max 100000` -> Infinity. */
function quotaV2(text: string | undefined): number {
  const [quota, period] = (text ?? '').trim().split(/\s+/);
  return cores(quota, period);
}

function quotaV1(read: ReadText, folder: string): number {
  for (const mount of ['cpu', 'cpu,cpuacct']) {
    const at = `/sys/fs/cgroup/${mount}${folder}`;
    const quota = read(`${at}/cpu.cfs_quota_us`);
    if (quota !== undefined) return cores(quota, read(`${at}/cpu.cfs_period_us`));
  }
  return Number.POSITIVE_INFINITY;
}

/** Version 1 writes -1 for no quota, version 2 `max`. */
function cores(quota: string | undefined, period: string | undefined): number {
  const ratio = Number(quota) / Number(period);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : Number.POSITIVE_INFINITY;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
