import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { availableThreads } from '../options/available-threads.ts';
import type { KernelBuild, Machine } from './report.ts';

/** What the figures depend on. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() || 'unknown',
    processors: processors.length,
    cores: availableThreads(),
    memoryBytes: totalmem(),
    ...cacheSizes(),
    platform: `${process.platform}-${process.arch}`,
    release: release(),
    node: process.version,
    v8: process.versions.v8,
    load: loadavg()[0] ?? 0,
  };
}

/** Size and hash of a WebAssembly module. */
export const kernelBuild = (wasm: Uint8Array): KernelBuild => ({
  bytes: wasm.length,
  sha256: createHash('sha256').update(wasm).digest('hex'),
});

const CPUS = '/sys/devices/system/cpu';

/** Caches as Linux tells them: the second level of a core, and the third of the whole machine. */
export function cacheSizes(folder: string = CPUS): Pick<Machine, 'l2Bytes' | 'l3Bytes'> {
  let l2Bytes: number | null = null;
  const thirds = new Map<string, number>();
  try {
    for (const cpu of readdirSync(folder).filter((name) => /^cpu\d+$/.test(name))) {
      const caches = `${folder}/${cpu}/cache`;
      for (const index of readdirSync(caches).filter((name) => name.startsWith('index'))) {
        const word = (name: string): string => readFileSync(`${caches}/${index}/${name}`, 'utf8').trim();
        const bytes = 1024 * Number.parseInt(word('size'), 10);
        if (word('level') === '2') l2Bytes = bytes;
        // one that several cores share is told by each of them
        if (word('level') === '3') thirds.set(word('shared_cpu_list'), bytes);
      }
    }
  } catch {
    return { l2Bytes, l3Bytes: null };
  }
  const l3Bytes = [...thirds.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { l2Bytes, l3Bytes: l3Bytes > 0 ? l3Bytes : null };
}

/** The magic numbers of statfs(2) that are met most. */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
  [0x2fc12fc1, 'zfs'],
  [0x6969, 'nfs'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x65735546, 'fuse'],
]);

/** Name of the file system of a folder. */
export function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder);
  // the system may give the 32 bits as a negative number
  return FILE_SYSTEMS.get(type >>> 0) ?? `type 0x${(type >>> 0).toString(16)}`;
}
