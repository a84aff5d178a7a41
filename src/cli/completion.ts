import type { Command } from './command.ts';
import type { Flag } from './flag.ts';

/** Something that can come next on the command line, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly describe: string;
}

/** What a shell is asked for: `ghm --complete SHELL -- WORD..`. */
export const COMPLETE = '--complete';

const HELP: Candidate = { word: '--help', describe: 'show this help' };

/**
 * What can come next: commands, options, or the values of an option that has few. Nothing where a file belongs, which
 * shells complete themselves.
 *
 * @param words what stands after `ghm`; the last one, maybe empty, is being typed
 */
export function candidates(words: readonly string[], commands: readonly Command[]): Candidate[] {
  const typed = words.at(-1) ?? '';
  const of = (list: readonly Candidate[]) => list.filter(({ word }) => word.startsWith(typed));
  const named = commands.map(({ name, summary }) => ({ word: name, describe: summary }));
  if (words.length <= 1)
    return of([...named, HELP, { word: '--version', describe: 'the version of ghm' }].filter(isWanted(typed)));
  const [first, ...rest] = words;
  if (first === 'help') return rest.length === 1 ? of(named) : [];
  const command = commands.find(({ name }) => name === first);
  if (command === undefined || rest.slice(0, -1).includes('--')) return [];
  return afterCommand(command, rest, typed);
}

/** Options only where one is begun. */
const isWanted =
  (typed: string) =>
  ({ word }: Candidate): boolean =>
    typed.startsWith('-') || !word.startsWith('-');

function afterCommand(command: Command, rest: readonly string[], typed: string): Candidate[] {
  // a shell may give `--name=value` as one word, or as three
  const joined = /^--([\w-]+)=(.*)$/.exec(typed);
  if (joined !== null) return valuesOf(flagOf(command, joined[1]), joined[2], `--${joined[1]}=`);
  const before = rest.slice(0, -1);
  const isSplit = typed === '=' || before.at(-1) === '=';
  const name = (typed === '=' ? before.at(-1) : before.at(isSplit ? -2 : -1)) ?? '';
  const flag = name.startsWith('--') ? flagOf(command, name.slice(2)) : undefined;
  if (flag !== undefined && flag.kind !== 'switch' && !typed.startsWith('-')) {
    return valuesOf(flag, typed === '=' ? '' : typed, '');
  }
  if (typed.startsWith('-')) return optionsOf(command, before, typed);
  const words = (command.words ?? []).filter((word) => word.startsWith(typed));
  if (words.length > 0) return words.map((word) => ({ word, describe: '' }));
  return typed === '' && !command.takesWords ? optionsOf(command, before, typed) : [];
}

const flagOf = ({ flags }: Command, name: string): Flag | undefined =>
  Object.hasOwn(flags, name) ? flags[name] : undefined;

const valuesOf = (flag: Flag | undefined, typed: string, prefix: string): Candidate[] =>
  (flag?.choices ?? [])
    .filter((choice) => choice.startsWith(typed))
    .map((choice) => ({ word: prefix + choice, describe: '' }));

/** Options that may still be given. */
function optionsOf({ flags }: Command, before: readonly string[], typed: string): Candidate[] {
  const open = Object.entries(flags).filter(([name, { kind }]) => kind === 'list' || !before.includes(`--${name}`));
  const options = open.map(([name, { describe }]) => ({ word: `--${name}`, describe }));
  return [...options, HELP].filter(({ word }) => word.startsWith(typed));
}

/** Candidates as the script of a shell reads them: bash takes words, zsh words with what they are. */
export function completionLines(shell: string, found: readonly Candidate[]): string[] {
  if (shell !== 'zsh') return found.map(({ word }) => word);
  return found.map(({ word, describe }) => {
    const escaped = word.replaceAll(':', '\\:');
    return describe === '' ? escaped : `${escaped}:${describe}`;
  });
}

const BASH = `# completion of ghm for bash: put   source <(ghm completion bash)   into ~/.bashrc
_ghm_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(ghm ${COMPLETE} bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o bashdefault -o default -F _ghm_complete ghm
`;

const ZSH = `#compdef ghm
# completion of ghm for zsh: put   source <(ghm completion zsh)   into ~/.zshrc, after compinit
_ghm_complete() {
  local -a found
  found=("\${(@f)$(ghm ${COMPLETE} zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then
    _describe -o ghm found
  else
    _files
  fi
}
compdef _ghm_complete ghm
`;

/** The script that a shell loads, by the name of the shell. */
export const COMPLETION_SCRIPTS = { bash: BASH, zsh: ZSH } as const;
