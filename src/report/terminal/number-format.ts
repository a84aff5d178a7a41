/** Numbers as people read them: `1,234,567`, `1.23 M`, `4.00 GB`, `0:03`. */

import { grouped, thousands } from '../grouped.ts';

export { thousands } from '../grouped.ts';

/** `1 file`, `1,200 files`, `80 classes`. */
export const counted = (count: number, noun: string): string =>
  `${thousands(count)} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

/** Three digits and a unit of thousands: `950`, `1.20 k`, `215 M`. */
export const compact = (count: number): string => scaled(count, 1000, ['', 'k', 'M', 'G', 'T', 'P']).trimEnd();

/** Size of files: `950 B`, `1.20 GB`, powers of 1000. */
export const fileSize = (bytes: number): string => scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);

/** Size in memory: `256 MiB`, powers of 1024. */
export const memorySize = (bytes: number): string => scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);

function scaled(value: number, base: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  // 999.5 would be printed as 1000
  while (Math.round(rest) >= base && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const digits = unit === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(rest)));
  const text = rest.toFixed(Math.min(2, digits));
  // a whole number of binary units is exact, and needs no zeros
  return `${base === 1024 && Number.isInteger(rest) ? String(rest) : text} ${units[unit] ?? ''}`;
}

/** Four significant digits: `0.03581`, `12.5`, `1.2e-7`; `infinite` for null. */
export function significant(value: number | null): string {
  if (value === null) return 'infinite';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e7)) return grouped(String(Number(value.toPrecision(4))));
  return Number(value.toPrecision(4)).toExponential();
}

/** With zeros where there are fewer, and without an exponent. */
const fourDigits = (value: number): string =>
  Number(value.toPrecision(4)).toFixed(Math.max(0, 3 - Math.floor(Math.log10(Number(value.toPrecision(4))))));

/** The same width for values near each other: `0.03581`, `12.50`, `127.0`. */
export const aligned = (value: number): string =>
  value >= 1e-4 && value < 1e7 ? grouped(fourDigits(value)) : value.toExponential(3);

/** `93.1 %`; what is there but rounds to nothing is `<0.1 %`. `digits` after the point. */
export function percent(part: number, whole: number, digits = 1): string {
  if (whole === 0 || part === 0) return '0 %';
  const share = (100 * part) / whole;
  const least = 10 ** -digits;
  return share < least / 2 ? `<${least.toFixed(digits)} %` : `${share.toFixed(digits)} %`;
}

/** A clock: `0:03`, `12:05`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, '0');
  return hours === 0 ? `${minutes}:${tail}` : `${hours}:${String(minutes).padStart(2, '0')}:${tail}`;
}

/** A time spent: `12 ms`, `3.4 s`, `12:05`. */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  return seconds < 99.95 ? `${seconds.toFixed(1)} s` : clock(seconds);
}

/** `1.20 G samples/s`. */
export const rate = (samplesPerSecond: number): string => `${compact(samplesPerSecond)} samples/s`;
