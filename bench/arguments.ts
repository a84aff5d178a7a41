import { parseArgs } from 'node:util';
import { sampleCount } from '../src/cli/sample-count.ts';

/** Flags of a bench: all take a value. Unknown ones end the process with a line that lists the known ones. */
export function flags<K extends string>(defaults: Readonly<Record<K, string>>): Record<K, string> {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ options });
    return { ...defaults, ...values } as Record<K, string>;
  } catch (error) {
    const known = Object.entries(defaults).map(([name, value]) => `--${name} (${value || 'none'})`);
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nknown: ${known.join(' ')}\n`);
    process.exit(2);
  }
}

/** A count such as 40M or 5e8. */
export function count(flag: string, text: string): number {
  const value = sampleCount(text);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`--${flag}: expected a count such as 40M or 5e8, found ${text}\n`);
  process.exit(2);
}

/** Counts, separated by commas. */
export const counts = (flag: string, text: string): number[] => text.split(',').map((item) => count(flag, item));
