import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MARK = 'GHM_BENCH_PINNED';

/** The cores this process may use, as Linux tells them; `[]` elsewhere. */
export function allowedCores(): readonly number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return list.split(',').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
  } catch {
    return [];
  }
}

/** `taskset -c 0,1` of the first `threads` cores before a command, or nothing where there is no taskset. */
export function tasksetPrefix(threads: number): readonly string[] {
  const cores = allowedCores().slice(0, threads);
  if (cores.length < threads) return [];
  return spawnSync('taskset', ['--version']).status === 0 ? ['taskset', '-c', cores.join(',')] : [];
}

/** The cores this process was started on again, or `null`. */
export const pinnedTo = (): string | null => process.env[MARK] ?? null;

/** Starts this very command again on the first core and ends with its exit code. Returns where it runs there already. */
export function pinToOneCore(): void {
  const [taskset, ...flags] = tasksetPrefix(1);
  if (pinnedTo() !== null || taskset === undefined) return;
  const [, core] = flags;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync(taskset, [...flags, ...command], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: core },
  });
  process.exit(status ?? 1);
}
