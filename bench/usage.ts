import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds at one moment, as Linux tells it. */
export interface Usage {
  /** Since the looking began. */
  readonly seconds: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly threads: number;
}

/** `null` where the process is gone. */
export function usageOf(pid: number | 'self', since: number): Usage | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const resident = /^VmRSS:\s*(\d+) kB/m.exec(status)?.[1];
    if (resident === undefined) return null;
    return {
      seconds: (performance.now() - since) / 1000,
      residentBytes: 1024 * Number(resident),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      threads: Number(/^Threads:\s*(\d+)/m.exec(status)?.[1]),
    };
  } catch {
    return null;
  }
}

/** How much more the median of the last third is than that of the third before it. */
function growth(values: readonly number[]): number {
  const third = Math.floor(values.length / 3);
  const median = (from: number, to: number): number =>
    values.slice(from, to).sort((a, b) => a - b)[Math.floor((to - from) / 2)];
  return median(2 * third, values.length) / median(third, 2 * third) - 1;
}

/** `flat` up to a twentieth more. */
export function verdict(values: readonly number[]): string {
  const grown = growth(values);
  const change = `${grown >= 0 ? '+' : ''}${(100 * grown).toFixed(1)} %`;
  return `${grown <= 0.05 ? 'flat' : 'GROWS'} (median of the last third ${change}, largest ${Math.max(...values)})`;
}
