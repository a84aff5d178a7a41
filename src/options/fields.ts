import { usageError } from '../errors.ts';
import { suggestion } from './nearest.ts';

/** Options as they came, from a command line or a caller who may use plain JavaScript. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** Names in messages of the options which are not a flag of that name. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['samplesPerPart', '--part-samples'],
  ['partials', 'partials'],
  ['roots', '--root'],
  ['files', 'files'],
  ['signal', 'option signal'],
  ['onProgress', 'option onProgress'],
  ['onWarning', 'option onWarning'],
  ['onEvent', 'option onEvent'],
]);

/** `labelWeights` -> `--label-weights`. */
export function flagOf(key: string): string {
  return NAMES.get(key) ?? `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

const MOST_SHOWN = 60;

/** How a wrong value is named in a message. */
export function found(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (value === '') return 'an empty text';
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}...` : value);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' || typeof value === 'function') return `a value of type ${typeof value}`;
  return String(value);
}

/** The one form of the messages of this folder. */
function expected(key: string, what: string, value: unknown, hint = ''): never {
  throw usageError(`${flagOf(key)}: expected ${what}, found ${found(value)}${hint}`);
}

/** Narrows the options themselves, and refuses keys this command does not have. */
export function rawOptions(raw: unknown, command: string, keys: readonly string[]): RawOptions {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw usageError(`${command}: expected an object of options, found ${found(raw)}`);
  }
  for (const [key, value] of Object.entries(raw)) {
    if (value !== undefined && !keys.includes(key)) {
      throw usageError(`${command} has no option ${JSON.stringify(key)}${suggestion(key, keys)}`);
    }
  }
  return Object.fromEntries(Object.entries(raw));
}

const listed = (choices: readonly (string | number)[]): string =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

/** An integer from `min` to `max`, or `undefined` if absent. */
export function integer(raw: RawOptions, key: string, min: number, max: number): number | undefined {
  const value = raw[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  return expected(key, `an integer from ${min} to ${max}`, value);
}

/** A finite number above 0, or `undefined` if absent. */
export function positive(raw: RawOptions, key: string): number | undefined {
  const value = raw[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  return expected(key, 'a finite number above 0', value);
}

/** A number above 0 and at most `most`, or `undefined` if absent. */
export function positiveUpTo(raw: RawOptions, key: string, most: number): number | undefined {
  const value = raw[key];
  if (value === undefined || (typeof value === 'number' && value > 0 && value <= most)) return value;
  return expected(key, `a number above 0 and at most ${most}`, value);
}

/** A number from `min` to `max`, or `undefined` if absent. */
export function within(raw: RawOptions, key: string, min: number, max: number): number | undefined {
  const value = raw[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  return expected(key, `a number from ${min} to ${max}`, value);
}

/** One of `choices`, or `undefined` if absent. */
export function choice<const T extends string | number>(
  raw: RawOptions,
  key: string,
  choices: readonly T[],
): T | undefined {
  const value = raw[key];
  if (value === undefined) return undefined;
  const match = choices.find((one) => one === value);
  if (match !== undefined) return match;
  const hint = typeof value === 'string' ? suggestion(value, choices.map(String)) : '';
  return expected(key, listed(choices), value, hint);
}

/** True or false; absent is false. */
export function yes(raw: RawOptions, key: string): boolean {
  const value = raw[key] ?? false;
  return typeof value === 'boolean' ? value : expected(key, 'true or false', value);
}

/** A path: text that is not empty and that a file system could hold. `undefined` if absent. */
export function path(raw: RawOptions, key: string, what: string): string | undefined {
  const value = raw[key];
  return value === undefined ? undefined : aPath(value, key, what);
}

/** As `path`, but it has to be there. */
export function requiredPath(raw: RawOptions, key: string, what: string): string {
  return aPath(raw[key], key, what);
}

/** One path or several, at least one; `undefined` if absent. */
export function paths(raw: RawOptions, key: string, what: string): readonly string[] | undefined {
  const value = raw[key];
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return expected(key, what, value);
  return Object.freeze(list.map((one) => aPath(one, key, what)));
}

/** As `paths`, but it has to be there. */
export function requiredPaths(raw: RawOptions, key: string, what: string): readonly string[] {
  return paths(raw, key, what) ?? expected(key, what, undefined);
}

/** Names, none, one or several; absent is none. */
export function names(raw: RawOptions, key: string, what: string): readonly string[] {
  const value = raw[key] ?? [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return Object.freeze(list.map((one) => (typeof one === 'string' && one !== '' ? one : expected(key, what, one))));
}

function aPath(value: unknown, key: string, what: string): string {
  if (typeof value !== 'string' || value === '') return expected(key, what, value);
  return value.includes('\0') ? expected(key, `${what} without a zero byte`, value) : value;
}

/** A function of the caller's; without one, nothing is called. */
export function callback<A extends readonly unknown[]>(raw: RawOptions, key: string): (...values: A) => void {
  const value = raw[key];
  if (value === undefined) return nothing;
  if (typeof value !== 'function') return expected(key, 'a function', value);
  return (...values: A) => {
    value(...values);
  };
}

const nothing = (): void => {};

/** The caller's AbortSignal. */
export function abortSignal(raw: RawOptions): AbortSignal | undefined {
  const value = raw.signal;
  if (value === undefined || value instanceof AbortSignal) return value;
  return expected('signal', 'an AbortSignal', value);
}
