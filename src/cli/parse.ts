import yargsParser from 'yargs-parser';
import { usageError } from '../errors.ts';
import { found } from '../options/fields.ts';
import { nearest, suggestion } from '../options/nearest.ts';
import type { Command } from './command.ts';
import { type Flag, type Flags, FlagValues } from './flag.ts';

/** What the command line asks for. */
export type Request =
  /** Of a command, or of all. */
  | { readonly help: Command | null }
  | { readonly help?: undefined; readonly command: Command; readonly flags: FlagValues };

/**
 * Reads the arguments. The first word is the command; the parser of yargs splits the rest; what it would let pass (unknown flags,
 * repeated ones, stray words) is refused here, in our words.
 *
 * @throws GhmError (usage)
 */
export function parse(args: readonly string[], commands: readonly Command[]): Request {
  const [first = '', ...rest] = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
  if (first === '--help' || first === '-h') return { help: null };
  const command = commandOf(first, commands);
  refuseUnknownFlags(command, rest);
  if (asksForHelp(rest)) return { help: command };

  // the parser takes a lone - for nothing
  const kept = rest.map((arg) => (arg === '-' ? LONE_DASH : arg));
  const values = new Map(Object.entries(split(command, kept)).map(([name, value]) => [name, withDashes(value)]));
  const words = [values.get('_')].flat().map(String);
  refuseRepeatedFlags(command.flags, values);
  refuseStrayWords(command, words);
  return { command, flags: new FlagValues(values, words) };
}

function commandOf(word: string, commands: readonly Command[]): Command {
  const names = commands.map((command) => command.name);
  const command = commands.find(({ name }) => name === word);
  if (command !== undefined) return command;
  if (word.startsWith('-'))
    throw usageError(`the command comes first: one of ${names.join(', ')}, found ${found(word)}`);
  throw usageError([
    `unknown command ${JSON.stringify(word)}${suggestion(word, names)}`,
    `the commands are ${names.join(', ')}`,
  ]);
}

/** Arguments before `--`: those which can be flags. */
const beforeDashes = (args: readonly string[]): readonly string[] =>
  args.includes('--') ? args.slice(0, args.indexOf('--')) : args;

const asksForHelp = (args: readonly string[]): boolean =>
  beforeDashes(args).some((arg) => arg === '--help' || arg === '-h');

function refuseUnknownFlags(command: Command, args: readonly string[]): void {
  for (const arg of beforeDashes(args)) {
    if (!arg.startsWith('-') || arg === '-' || arg === '-h' || arg === '--help' || /^-\.?\d/.test(arg)) continue;
    const [written = '', value] = arg.split('=', 2);
    const name = written.replace(/^--?/, '');
    const flag = Object.hasOwn(command.flags, name) && written.startsWith('--') ? command.flags[name] : undefined;
    if (flag === undefined) throw unknownFlag(command, written, name);
    if (flag.kind === 'switch' && value !== undefined)
      throw usageError(`${written} takes no value, found ${found(value)}`);
  }
}

function unknownFlag(command: Command, written: string, name: string): Error {
  const names = Object.keys(command.flags);
  const hint =
    nearest(name, names) === undefined
      ? `; ghm ${command.name} --help lists its options`
      : suggestion(name, names, '--');
  return usageError(`${command.name} has no option ${found(written).slice(1, -1)}${hint}`);
}

function refuseRepeatedFlags(flags: Flags, values: ReadonlyMap<string, unknown>): void {
  for (const [name, flag] of Object.entries(flags)) {
    const value = values.get(name);
    if (flag.kind === 'value' && Array.isArray(value)) {
      throw usageError(`--${name} may be given once, found it ${value.length} times: ${value.map(found).join(', ')}`);
    }
  }
}

function refuseStrayWords(command: Command, words: readonly string[]): void {
  const [stray] = words;
  if (stray === undefined || command.takesWords) return;
  const hint = Object.hasOwn(command.flags, 'logits')
    ? 'name the inputs with --logits FILES --labels FILES'
    : `ghm ${command.name} --help lists its options`;
  throw usageError(`${command.name} takes no words without a flag, found ${found(stray)}; ${hint}`);
}

/** Stands for `-` while the parser splits. */
const LONE_DASH = '\0-';

function withDashes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDashes);
  return value === LONE_DASH ? '-' : value;
}

const PARSING = {
  // what a value means is for the validators: they get the text
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'boolean-negation': false,
  'short-option-groups': false,
};

/** The values of the flags, and the words as `_`. */
function split({ flags }: Command, args: readonly string[]): object {
  const named = (...kinds: readonly Flag['kind'][]) =>
    Object.keys(flags).filter((name) => kinds.includes(flags[name].kind));
  const { argv, error } = yargsParser.detailed([...args], {
    array: named('list'),
    boolean: named('switch'),
    // NaN: as many as there are, but one at least
    narg: Object.fromEntries(
      named('list', 'value').map((name) => [name, flags[name].kind === 'list' ? Number.NaN : 1]),
    ),
    configuration: PARSING,
  });
  if (!error) return argv;
  const missing = /^Not enough arguments following: (\S+)/.exec(error.message)?.[1];
  throw usageError(missing === undefined ? error.message : `--${missing} needs a value`);
}
