import yargs, { type Argv } from 'yargs';
import type { Command } from './command.ts';

/** What `--help` prints: of a command, or of all where it is `null`. yargs lays it out; it takes 50 ms to load. */
export function helpOf(command: Command | null, commands: readonly Command[]): string {
  let help = '';
  const path = command === null ? [] : [command.name];
  helpParser(commands).parse([...path, '--help'], (_error: unknown, _values: unknown, output: string) => {
    help = output;
  });
  // the kind of a value is plain from its description
  return `${help.replace(/\s*\[(?:array|boolean)\]$/gm, '')}\n`;
}

function helpParser(commands: readonly Command[]): Argv {
  let parser = yargs([])
    .scriptName('ghm')
    .locale('en')
    .exitProcess(false)
    .version(false)
    .help('help', 'show this help')
    .alias('help', 'h')
    .usage('ghm COMMAND [options]')
    .epilogue('ghm COMMAND --help shows the options of a command, ghm --version the version.');
  for (const command of commands) {
    parser = parser.command(command.name, command.summary, (own) => withOptions(own, command));
  }
  return parser;
}

function withOptions(parser: Argv, { name, usage, about, flags, examples }: Command): Argv {
  let own = parser.usage(`ghm ${name} ${usage}\n\n${about}`);
  for (const [flag, { kind, group, describe }] of Object.entries(flags)) {
    const takes = { value: { nargs: 1 }, list: { array: true }, switch: { boolean: true } }[kind];
    own = own.option(flag, { ...takes, group, describe });
  }
  return own.epilogue(['Examples:', ...examples.map((line) => `  ${line}`)].join('\n'));
}
