import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GhmError } from '../../src/errors.ts';
import type { FuzzTarget } from './target.ts';

/** Longer than any small input may take twice, on a machine that is busy. */
const MOST_SECONDS = 5;

/** An input that does what no input may do. */
export class Finding extends Error {}

/** Where inputs are tried: a folder of its own, with nothing in it but them. */
export interface Arena {
  readonly path: string;
  readonly scratch: string;
  readonly close: () => void;
}

export function openArena(parent: string, target: FuzzTarget): Arena {
  const folder = mkdtempSync(join(parent, 'ghm-fuzz-'));
  const scratch = join(folder, 'scratch');
  mkdirSync(join(folder, 'in'));
  mkdirSync(scratch);
  return {
    path: join(folder, 'in', target.file),
    scratch,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Gives one input to a parser, which may read it or refuse it.
 *
 * @returns why it was refused; `null` where it was read
 * @throws Finding where it does anything else
 */
export async function attempt(target: FuzzTarget, input: Uint8Array, arena: Arena): Promise<string | null> {
  const { path, scratch } = arena;
  writeFileSync(path, input);
  const before = natives();
  let { refusal, seconds } = await timed(target, path, scratch);
  // once more: a machine may stand still for a minute
  if (seconds > MOST_SECONDS) ({ refusal, seconds } = await timed(target, path, scratch));
  if (seconds > MOST_SECONDS) throw new Finding(`took ${seconds.toFixed(1)} s, twice`);
  if (natives() !== before) throw new Finding('changed a prototype of the language');
  const left = [...readdirSync(join(path, '..')), ...readdirSync(scratch)].filter((name) => name !== target.file);
  if (left.length > 0) throw new Finding(`left ${left.join(', ')} behind`);
  return refusal;
}

async function timed(target: FuzzTarget, path: string, scratch: string) {
  const start = performance.now();
  const refusal = await refusalOf(target, path, scratch);
  return { refusal, seconds: (performance.now() - start) / 1000 };
}

async function refusalOf(target: FuzzTarget, path: string, scratch: string): Promise<string | null> {
  try {
    await target.read(path, scratch);
    return null;
  } catch (error) {
    if (!(error instanceof GhmError)) throw new Finding(stackOf(error), { cause: error });
    if (error.exitCode !== 3) throw new Finding(`exit code ${error.exitCode}: ${error.message}`);
    if (!error.message.includes(target.file)) throw new Finding(`does not name the file: ${error.message}`);
    return error.message;
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Names that every object of the language has. */
const natives = (): number =>
  [Object, Array, String, Function, Map].reduce(
    (sum, { prototype }) => sum + Object.getOwnPropertyNames(prototype).length,
    0,
  );
