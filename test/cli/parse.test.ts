import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import type { FlagValues } from '../../src/cli/flag.ts';
import { helpOf } from '../../src/cli/help.ts';
import { parse } from '../../src/cli/parse.ts';

const base = { summary: 'a summary', usage: '[options]', about: 'About it.', examples: ['ghm x'], run: async () => {} };
const weigh: Command = {
  ...base,
  name: 'weigh',
  flags: {
    logits: { kind: 'list', group: 'Input:', describe: 'files' },
    bins: { kind: 'value', group: 'Density:', describe: 'regions' },
    'ignore-label': { kind: 'value', group: 'Input:', describe: 'label' },
    force: { kind: 'switch', group: 'Run:', describe: 'replace' },
  },
};
const add: Command = { ...base, name: 'add', flags: {}, takesWords: true };
const COMMANDS = [weigh, add];

function flagsOf(...args: string[]): FlagValues {
  const request = parse(args, COMMANDS);
  if (request.help !== undefined) throw new Error('help');
  expect(request.command.name).toBe(args[0]);
  return request.flags;
}

describe('parse', () => {
  it('gives values as text, lists as lists, numbers only where they are numbers', () => {
    const flags = flagsOf(
      'weigh',
      '--logits',
      'a',
      '007',
      '--logits=b',
      '--bins',
      '1e2',
      '--force',
      '--ignore-label',
      '-1',
    );
    expect(flags.list('logits')).toEqual(['a', '007', 'b']);
    expect(flags.text('bins')).toBe('1e2');
    expect(flags.number('bins')).toBe(100);
    expect(flags.number('ignore-label')).toBe(-1);
    expect(flags.on('force')).toBe(true);
    expect(flags.words()).toBeUndefined();
  });

  it('tells apart what was not given', () => {
    const flags = flagsOf('weigh');
    expect(flags.list('logits')).toBeUndefined();
    expect(flags.number('bins')).toBeUndefined();
    expect(flags.on('force')).toBe(false);
  });

  it.each(['abc', '0x10', '1_000', 'NaN', 'Infinity', '3 4', '1e', '.'])('leaves %j a text', (text) => {
    expect(flagsOf('weigh', '--bins', text).number('bins')).toBe(text);
  });

  it('takes words, those after -- as they are', () => {
    expect(flagsOf('add', '1.npy', '--', '--strange', '-h').words()).toEqual(['1.npy', '--strange', '-h']);
  });

  it.each([
    [['weig'], 'unknown command "weig"; did you mean weigh?\nthe commands are weigh, add'],
    [['x', '--help'], 'unknown command "x"\nthe commands are weigh, add'],
    [['--force', 'weigh'], 'the command comes first: one of weigh, add, found "--force"'],
    [['weigh', '--logit', 'a'], 'weigh has no option --logit; did you mean --logits?'],
    [['weigh', '--Bins', '3'], 'weigh has no option --Bins; did you mean --bins?'],
    [['weigh', '--momentum=3'], 'weigh has no option --momentum; ghm weigh --help lists its options'],
    [['weigh', '--constructor', '3'], 'weigh has no option --constructor; ghm weigh --help lists its options'],
    [['weigh', '--__proto__', '3'], 'weigh has no option --__proto__; ghm weigh --help lists its options'],
    [['weigh', '--no-force'], 'weigh has no option --no-force; ghm weigh --help lists its options'],
    [['weigh', '-bins', '3'], 'weigh has no option -bins; did you mean --bins?'],
    [['weigh', '--force=yes'], '--force takes no value, found "yes"'],
    [['weigh', '--bins'], '--bins needs a value'],
    [['weigh', '--bins', '--force'], '--bins needs a value'],
    [['weigh', '--logits', '--force'], '--logits needs a value'],
    [['weigh', '--bins', '3', '--bins=4'], '--bins may be given once, found it 2 times: "3", "4"'],
    [
      ['weigh', 'a.npy'],
      'weigh takes no words without a flag, found "a.npy"; name the inputs with --logits FILES --labels FILES',
    ],
    [
      ['weigh', '--', 'a.npy'],
      'weigh takes no words without a flag, found "a.npy"; name the inputs with --logits FILES --labels FILES',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => parse(args, COMMANDS)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
  });

  it.each([[['--help']], [['-h']], [['help']]])('%j lists the commands', (args) => {
    const { help } = parse(args, COMMANDS);
    expect(help).toBeNull();
    expect(helpOf(null, COMMANDS)).toMatch(/ghm weigh {2}a summary\n {2}ghm add {4}a summary\n/);
  });

  it.each([[['weigh', '--help']], [['weigh', '--bins', '3', '-h']], [['help', 'weigh']]])(
    '%j shows the options in groups and the examples',
    (args) => {
      const { help } = parse(args, COMMANDS);
      expect(help).toBe(weigh);
      expect(helpOf(weigh, COMMANDS)).toBe(`ghm weigh [options]

About it.

Input:
      --logits        files
      --ignore-label  label

Density:
      --bins  regions

Run:
      --force  replace

Options:
  -h, --help  show this help

Examples:
  ghm x
`);
    },
  );
});
