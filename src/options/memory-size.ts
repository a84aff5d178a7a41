import { usageError } from '../errors.ts';
import { found } from './fields.ts';

const MIB = 1024 ** 2;
const DEFAULT_MEMORY = 256 * MIB;
const LEAST = 8 * MIB;
const MOST = 3584 * MIB;

/** Powers of 1024 but where the unit ends in B alone: `512m` = `512MiB`, `512MB` = 512,000,000. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g'].flatMap((letter, i): [string, number][] => [
    [letter, 1024 ** (i + 1)],
    [`${letter}ib`, 1024 ** (i + 1)],
    [`${letter}b`, 1000 ** (i + 1)],
  ]),
]);

/** Bytes of `256MiB`, `1.5G`, `512m`, `268435456`; `undefined` if the text is no size. */
function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim());
  const unit = UNITS.get((match?.[2] ?? '').toLowerCase());
  if (match === null || unit === undefined) return undefined;
  return Math.floor(Number(match[1]) * unit);
}

/** The buffer budget in bytes. */
export function memorySize(value: unknown): number {
  if (value === undefined) return DEFAULT_MEMORY;
  const bytes = typeof value === 'number' ? value : typeof value === 'string' ? parseSize(value) : undefined;
  if (bytes === undefined || !Number.isInteger(bytes) || bytes < LEAST || bytes > MOST) {
    throw usageError(`--memory: expected a size from 8MiB to 3.5GiB, such as 256MiB or 1.5G, found ${found(value)}`);
  }
  return bytes;
}
